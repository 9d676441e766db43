"""Finds where a platform's documentation puts its models, services and api in an order: by a list, a tree or arrows.

Only passages that speak of imports, layers or dependencies count, and only orders in which services stand in between:
whether the highest comes first or the lowest, the order is the same.
"""

import ast
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.interpreter.scan import PACKAGE
from harness.observe.contracts import Layer, Layers
from harness.observe.passages import Passage, passages

API, SERVICES, MODELS = NEEDED = tuple(f"{PACKAGE}.{name}" for name in ("api", "services", "models"))
_SUFFIXES: Final = (".md", ".rst", ".adoc")
_FIRST: Final = ("readme", "architecture", "contributing")
_LEFT_OUT: Final = frozenset({"node_modules", "site-packages", "__pycache__", "venv"})
_LARGEST: Final = 1_000_000
_TOPIC: Final = re.compile(r"\bimport|\blayer|hierarch|\bdepend(s|encies|ency)\b", re.IGNORECASE)
# What stands before the first name of a line: bullets, numbers, branches of a tree, sides of a box, markup.
_LEAD: Final = re.compile(r"[^A-Za-z_]*(?:(?:layer|level|tier)\s*\d+[^A-Za-z_]*)?_*(?=[A-Za-z])", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Za-z_][\w./]*")
_BETWEEN: Final = re.compile(
    r"[`*_\s]*(?:layers?\b)?[`*_\s]*(?:(?P<beside>,|&|\+|\band\b)|(?P<beyond>[-=─]*[>→⇒⟶]|[<←⇐⟵][-=─]*|[↓↑]))[`*_\s]*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """The files that were searched, and the hierarchies that stand in them, those of the readme first."""

    searched: tuple[str, ...]
    found: tuple[Layers, ...]


def read(source: Path, known: frozenset[str]) -> Documentation:
    """Search the documentation of a source root for hierarchies of modules that are known."""
    texts = {name: text for path in _files(source) for name, text in _text(path, source)}
    found = (layers for name, text in texts.items() for layers in _hierarchies(name, text, known))
    return Documentation(searched=tuple(texts), found=tuple(found))


def _files(source: Path) -> list[Path]:
    """The documents below the source root, and those of the repository that it is a part of."""
    above = source.parent
    part = (above / ".git").exists() and not (source / ".git").exists()
    around = [*above.iterdir(), *_below(above / "docs")] if part else []
    files = {path for path in (*_below(source), *around) if _is_document(path)}
    inits = (source / PACKAGE).glob("**/__init__.py")
    return [*sorted(files, key=lambda path: _rank(path, source)), *sorted(inits)]


def _is_document(path: Path) -> bool:
    told = path.suffix.lower() in _SUFFIXES or path.stem.lower() in _FIRST
    return told and path.is_file()


def _rank(path: Path, source: Path) -> tuple[bool, int, int, str]:
    """Nearer documents speak first, and those that are about the whole."""
    stem = path.stem.lower()
    told = _FIRST.index(stem) if stem in _FIRST else len(_FIRST)
    return not path.is_relative_to(source), len(path.parts), told, str(path)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
        yield from (Path(place, name) for name in names)


def _text(path: Path, source: Path) -> Iterator[tuple[str, str]]:
    if path.stat().st_size > _LARGEST:
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".py":
        text = _docstring(text)
    if text:
        yield os.path.relpath(path, source), text


def _docstring(code: str) -> str:
    """The docstring of a module at the lines where it stands; nothing where Python of ours cannot read it."""
    try:
        return ast.get_docstring(ast.parse(code), clean=False) or ""
    except (SyntaxError, ValueError):
        return ""


def _hierarchies(name: str, text: str, known: frozenset[str]) -> Iterator[Layers]:
    for passage in passages(text):
        layers = _ordered(passage, known) if _TOPIC.search(passage.about) else ()
        if layers:
            yield Layers(where=f"{name}:{passage.first}", layers=layers)


def _ordered(passage: Passage, known: frozenset[str]) -> tuple[Layer, ...]:
    """The layers of a passage from the highest to the lowest; none where it puts the three in no order."""
    groups: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for line in passage.lines:
        for group in _groups(line, known):
            new = tuple(name for name in group if name not in seen)
            seen.update(new)
            groups += [new] if new else []
    heights = [next((height for height, group in enumerate(groups) if name in group), -1) for name in NEEDED]
    if -1 in heights or heights not in (sorted(set(heights)), sorted(set(heights), reverse=True)):
        return ()
    layers = tuple(Layer(modules=group) for group in groups)
    return layers if heights[0] < heights[-1] else layers[::-1]


def _groups(line: str, known: frozenset[str]) -> Iterable[tuple[str, ...]]:
    """The modules that a line begins with: those of one height together, arrows part heights."""
    groups: list[list[str]] = [[]]
    lead = _LEAD.match(line)
    at = lead.end() if lead else len(line)
    while name := _NAME.match(line, at):
        module = _module(name[0], known)
        if not module:
            break
        groups[-1].append(module)
        between = _BETWEEN.match(line, name.end())
        if not between:
            break
        groups += [[]] if between["beyond"] else []
        at = between.end()
    return [tuple(group) for group in groups if group]


def _module(word: str, known: frozenset[str]) -> str:
    """The module that a word means, which may be a path, a dotted name, or in the singular; or nothing."""
    dotted = word.lower().removesuffix(".py").strip("./").replace("/", ".")
    inside = dotted.rpartition(f"{PACKAGE}.")[2]
    return next((f"{PACKAGE}.{one}" for one in (inside, f"{inside}s") if f"{PACKAGE}.{one}" in known), "")
