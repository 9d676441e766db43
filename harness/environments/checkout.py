"""What a platform's checkout says of the environment it wants: which Python, which lock, which parts of a workspace."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from harness.errors import Misuse

PROJECT: Final = "pyproject.toml"
LOCK: Final = "uv.lock"
_ANY: Final = ">=3.10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """A package and the workspace that it belongs to; `root` holds the lock, `members` are packages beside it.

    Without a lock, `root` is the package's own folder. `local` are distributions that no index has.
    """

    source: Path
    root: Path
    name: str
    version: str
    python: SpecifierSet
    declared: tuple[Requirement, ...]
    members: tuple[Path, ...]
    local: frozenset[str]

    @property
    def locked(self) -> bool:
        """Whether somebody wrote down which version of everything the platform was made with."""
        return (self.root / LOCK).is_file()

    @property
    def shared(self) -> bool:
        """Whether the lock is that of a whole workspace."""
        return self.root != self.source


def read(source: Path) -> Checkout:
    """Read a checkout, or Misuse when it does not say what it needs."""
    content = _read(source / PROJECT)
    project: Mapping[str, Any] = content.get("project", {})
    if "name" not in project:
        raise Misuse(f"{PROJECT} names no project", hint="name the folder that holds it and omoi_os/ with --source")
    root = _workspace(source) or source
    return Checkout(
        source=source,
        root=root,
        name=str(project["name"]),
        version=str(project.get("version", "0")),
        python=_python(project),
        declared=tuple(_requirements(project.get("dependencies", []))),
        members=tuple(_members(root, apart_from=source)) if root != source else (),
        local=frozenset(_local(content)),
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misuse(f"there is no {path.name} beside the package", hint="it says what the platform needs") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misuse(f"{path.name} cannot be read", causes=(" ".join(str(error).split()),)) from error


def _python(project: Mapping[str, Any]) -> SpecifierSet:
    try:
        return SpecifierSet(str(project.get("requires-python", _ANY)))
    except InvalidSpecifier as error:
        raise Misuse(f"{PROJECT} wants a Python that nobody understands", causes=(str(error),)) from error


def _requirements(lines: list[object]) -> Iterator[Requirement]:
    for line in lines:
        try:
            yield Requirement(str(line))
        except InvalidRequirement as error:
            raise Misuse(f"{PROJECT} declares what nobody understands: {line}", causes=(str(error),)) from error


def _local(content: Mapping[str, Any]) -> Iterator[str]:
    """The distributions that come from a folder of the checkout."""
    sources: Mapping[str, Any] = content.get("tool", {}).get("uv", {}).get("sources", {})
    for name, where in sources.items():
        if isinstance(where, dict) and ("workspace" in where or "path" in where):
            yield canonicalize_name(name)


def _workspace(source: Path) -> Path | None:
    """The folder of the workspace that names this package as one of its members and has a lock of its own."""
    for folder in source.parents:
        if (folder / LOCK).is_file() and (folder / PROJECT).is_file():
            return folder if source in set(_named(folder)) else None
    return None


def _members(root: Path, *, apart_from: Path) -> Iterator[Path]:
    for folder in sorted(set(_named(root))):
        if folder != apart_from and (folder / PROJECT).is_file():
            yield folder


def _named(root: Path) -> Iterator[Path]:
    tool: Mapping[str, Any] = _read(root / PROJECT).get("tool", {})
    workspace: Mapping[str, Any] = tool.get("uv", {}).get("workspace", {})
    for pattern in workspace.get("members", []):
        yield from root.glob(str(pattern))
