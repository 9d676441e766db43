"""What the files of a package say about themselves, as typed values, without running any of them."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter

from harness.interpreter.client import Worker

PACKAGE: Final = "omoi_os"
SCAN_DEADLINE: Final = 60.0

# `runtime` runs when the module is imported, `function` when a function is called, `type-checking` never.
Kind = Literal["runtime", "function", "type-checking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import statement: its absolute target, the names taken from it, and when it runs.

    `guarded`: it may fail to import, a handler catches that.
    """

    target: str
    names: tuple[str, ...]
    line: int
    kind: Kind
    guarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDefinition:
    """A class statement, at any depth of a file."""

    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenSyntax:
    """Where the platform's own Python could not parse a file, and what it said."""

    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file: `unreachable` says why no import can name it; `executed` ones are run by programs, never imported."""

    module: str
    path: str
    unreachable: str
    executed: bool
    error: BrokenSyntax | None
    imports: tuple[Import, ...]
    classes: tuple[ClassDefinition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All files of a package; `own` are the top-level modules of the source root, `stdlib` those of the Python."""

    root: str
    package: str
    files: tuple[SourceFile, ...]
    own: frozenset[str]
    stdlib: frozenset[str]

    def modules(self) -> dict[str, SourceFile]:
        """The files that an import can reach, by module name."""
        return {file.module: file for file in self.files if not file.unreachable}

    def is_own(self, target: str) -> bool:
        """Whether a module name belongs to the platform rather than to a dependency."""
        return target.startswith(".") or target.partition(".")[0] in self.own


SCAN: Final = TypeAdapter(Scan)


def read(worker: Worker, package: str = PACKAGE) -> Scan:
    """Scan the package in the worker's source root; CannotTell when there is none."""
    return worker.call("scan.read", SCAN, deadline=SCAN_DEADLINE, package=package)
