"""Reads which imports a platform's import-linter contracts allow, out of the files that import-linter reads."""

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.interpreter.scan import PACKAGE

FILES: Final = ("setup.cfg", ".importlinter", "pyproject.toml")
_SECTION: Final = "importlinter:contract:"
_ARROW: Final = re.compile(r"\s*->\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Modules of one height; those that are `apart` must not import one another."""

    modules: tuple[str, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A hierarchy from its highest layer to its lowest; `excepted` pairs name imports that it lets through."""

    where: str
    layers: tuple[Layer, ...]
    excepted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """No module of the `sources` imports one of the `targets`."""

    where: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    excepted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A contract of a kind that is not read here."""

    where: str


Contract = Layers | Ban | Unknown


def read(folder: Path) -> tuple[Contract, ...]:
    """Every contract about the platform's package in the files of one folder; a broken file has none."""
    found = ((name, contract) for name in FILES for contract in _contracts(folder / name))
    return tuple(one for name, contract in found for one in _understood(name, contract))


def matches(expression: str, module: str) -> bool:
    """Whether a module, or a package that it lies in, is what an expression names: * is one name, ** any number."""
    pattern = re.escape(expression).replace(r"\*\*", r"[\w.]+").replace(r"\*", r"\w+")
    return re.fullmatch(rf"{pattern}(\..+)?", module) is not None


def _contracts(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    yield from _of_toml(text) if path.suffix == ".toml" else _of_ini(text)


def _of_toml(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    yield from content.get("tool", {}).get("importlinter", {}).get("contracts", [])


def _of_ini(text: str) -> Iterator[Mapping[str, Any]]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        if section.startswith(_SECTION):
            yield {key: _lines(value) for key, value in parser.items(section)}


def _lines(value: str) -> str | list[str]:
    """A value of several lines is a list; the first is empty where the others are its items."""
    return [line.strip() for line in value.splitlines() if line.strip()] if "\n" in value else value


def _understood(file: str, contract: Mapping[str, Any]) -> Iterator[Contract]:
    """The contract in our words, if it is about the platform's package."""
    where = f"{file}: {contract.get('name', 'a contract without a name')}"
    excepted = tuple(_pairs(_listed(contract, "ignore_imports")))
    match contract.get("type"):
        case "layers":
            for container in _listed(contract, "containers") or [""]:
                layers = tuple(_layer(line, container) for line in _listed(contract, "layers"))
                if _is_ours(module for layer in layers for module in layer.modules):
                    yield Layers(where=where, layers=layers, excepted=excepted)
        case "forbidden":
            sources, targets = (tuple(_listed(contract, f"{key}_modules")) for key in ("source", "forbidden"))
            if _is_ours(sources) and _is_ours(targets):
                yield Ban(where=where, sources=sources, targets=targets, excepted=excepted)
        case "independence":
            modules = tuple(_listed(contract, "modules"))
            if _is_ours(modules):
                layer = Layer(modules=modules, apart=True)
                yield Layers(where=where, layers=(layer,), excepted=excepted)
        case _:
            yield Unknown(where=where)


def _listed(contract: Mapping[str, Any], key: str) -> list[str]:
    value: Any = contract.get(key, [])
    items: list[Any] = [value] if isinstance(value, str) else list(value)
    return [str(item) for item in items]


def _layer(line: str, container: str) -> Layer:
    """One line of layers: | parts those that must not know one another, : those that may, () what may be missing."""
    names = [name.strip().strip("()").strip() for name in re.split(r"[|:]", line)]
    modules = tuple(f"{container}.{name}" if container else name for name in names)
    return Layer(modules=modules, apart="|" in line)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        importer, _, imported = _ARROW.sub(" -> ", line).partition(" -> ")
        yield importer.strip(), imported.strip()


def _is_ours(modules: Iterator[str] | tuple[str, ...]) -> bool:
    return any(module.partition(".")[0] == PACKAGE for module in modules)
