"""What came of importing each module first in a process of its own, as typed values."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from harness.interpreter import closure
from harness.interpreter.client import Worker
from harness.interpreter.protocol import Frame
from harness.interpreter.scan import Import, Scan, SourceFile

# A module that takes longer to import, with all that it imports later, counts as hung.
MODULE_DEADLINE: Final = 30.0
# The whole examination; beyond it our own tool is too slow and nothing follows.
EXAMINE_DEADLINE: Final = 840.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFailure:
    """Why an import failed; `frames` are those inside the package, outermost first.

    `missing` is the module that was not found; `lacking` a module and the name that it does not offer;
    `in_dependency`: an ImportError raised in a dependency's own file.
    `type` is the exception's, or Hung, Crashed, Exited for a child that did not report.
    """

    type: str
    message: str
    missing: str
    in_dependency: bool
    lacking: tuple[str, str] | None
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A name that a module imports later and that cannot be imported, with the importing line."""

    target: str
    line: int
    failure: ImportFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The module that a class says it is from, as seen at a line (0: as an attribute of the module)."""

    name: str
    home: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleReport:
    """What one child saw: the failure of the import itself, or what resolved and what did not."""

    module: str
    failure: ImportFailure | None
    unresolved: tuple[Unresolved, ...]
    identities: tuple[Home, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A third-party module that could not be loaded ahead."""

    name: str
    failure: ImportFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One report for each module, and the third-party modules that are not there."""

    reports: tuple[ModuleReport, ...]
    missing: tuple[Missing, ...]


EXAMINED: Final = TypeAdapter(Examined)


def examine(worker: Worker, scan: Scan, *, identity: str, deadline: float = MODULE_DEADLINE) -> Examined:
    """Import every reachable module of the scan first in a child of its own; `deadline` in seconds for each.

    The billing closure comes first. When several modules hang, those that follow have no report.
    """
    return worker.call(
        "imports.examine",
        EXAMINED,
        deadline=EXAMINE_DEADLINE,
        package=scan.package,
        modules=[_task(file, scan) for file in _billing_first(scan)],
        preload=third_party(scan),
        identity=[identity],
        deadline_each=deadline,
    )


def third_party(scan: Scan) -> list[str]:
    """The modules outside the package that it imports, at whatever time, in the order of first use."""
    targets = (statement.target for statement in _executed(scan))
    return list(dict.fromkeys(target for target in targets if not scan.is_own(target)))


def _billing_first(scan: Scan) -> list[SourceFile]:
    """The files that an import can reach, those of the billing closure before the others."""
    billing = closure.billing(scan)
    return sorted(scan.modules().values(), key=lambda file: (file.module not in billing, file.module))


def looked_up(file: SourceFile, scan: Scan) -> list[Import]:
    """The imports of a file whose names must resolve beyond what importing the module shows.

    Everything of the platform's own must, guarded or not. A dependency that may be absent need not; one imported
    when the module is has been seen already, unless the file is a program, which is not imported.
    """
    return [statement for statement in file.imports if _must_resolve(statement, file, scan)]


def _executed(scan: Scan) -> Iterable[Import]:
    """Every import that runs sooner or later."""
    files = scan.modules().values()
    return (statement for file in files for statement in file.imports if statement.kind != "type-checking")


def _task(file: SourceFile, scan: Scan) -> dict[str, Any]:
    """What a child has to know of its module: where it is and which names to look up."""
    later = [asdict(statement) for statement in looked_up(file, scan)]
    return {"module": file.module, "path": file.path, "executed": file.executed, "imports": later}


def _must_resolve(statement: Import, file: SourceFile, scan: Scan) -> bool:
    """Whether one import has to be looked up."""
    if statement.kind == "type-checking":
        return False
    if scan.is_own(statement.target):
        return True
    return not statement.guarded and (statement.kind == "function" or file.executed)
