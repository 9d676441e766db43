"""What a platform's checkout says of the environment it wants: which Python, which lock, which parts of a workspace."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import BaseModel, Field, ValidationError

from harness.errors import Misuse
from harness.redaction import first_line

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


class _Project(BaseModel):
    name: str = ""
    version: str = "0"
    python: str = Field(_ANY, alias="requires-python")
    dependencies: list[str] = []


class _Workspace(BaseModel):
    members: list[str] = []


class _Uv(BaseModel):
    sources: dict[str, object] = {}
    workspace: _Workspace = _Workspace()


class _Tool(BaseModel):
    uv: _Uv = _Uv()


class _Content(BaseModel):
    """What is read of a project file."""

    project: _Project = Field(default_factory=_Project.model_construct)
    tool: _Tool = _Tool()


def read(source: Path) -> Checkout:
    """Read a checkout, or Misuse when it does not say what it needs."""
    content = _read(source / PROJECT)
    project = content.project
    if not project.name:
        raise Misuse(f"{PROJECT} names no project", hint="name the folder that holds it and omoi_os/ with --source")
    root = _workspace(source) or source
    return Checkout(
        source=source,
        root=root,
        name=project.name,
        version=project.version,
        python=_python(project.python),
        declared=tuple(_requirements(project.dependencies)),
        members=tuple(_members(root, apart_from=source)),
        local=frozenset(_local(content.tool.uv.sources)),
    )


def _read(path: Path) -> _Content:
    try:
        return _Content.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Misuse(f"there is no {path.name} beside the package", hint="it says what the platform needs") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise Misuse(f"{path.name} cannot be read", causes=(" ".join(str(error).split()),)) from error


def _python(wanted: str) -> SpecifierSet:
    try:
        return SpecifierSet(wanted)
    except InvalidSpecifier as error:
        raise Misuse(f"{PROJECT} wants a Python that nobody understands", causes=(str(error),)) from error


def _requirements(lines: list[str]) -> Iterator[Requirement]:
    for line in lines:
        try:
            yield Requirement(line)
        except InvalidRequirement as error:
            raise Misuse(f"{PROJECT} declares what nobody understands: {line}", causes=(str(error),)) from error


def _local(sources: Mapping[str, object]) -> Iterator[str]:
    """The distributions that come from a folder of the checkout."""
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
    """The folders that a workspace names; none outside it, where nothing is its own."""
    for pattern in _read(root / PROJECT).tool.uv.workspace.members:
        try:
            found = list(root.glob(pattern))
        except (ValueError, NotImplementedError) as error:
            said = f"{PROJECT} names members of its workspace as nobody understands: {pattern}"
            raise Misuse(said, causes=(first_line(error),)) from error
        yield from (folder for folder in found if folder.resolve().is_relative_to(root.resolve()))
