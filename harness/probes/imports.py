"""Measures whether what has to do with billing can be imported: each module first, in a process of its own.

Names that modules import later, in functions or under `try`, are looked up too, and `CostTrackingService` must be
the one of `omoi_os.services.cost_tracking` wherever it is used.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.errors import CannotTell
from harness.interpreter import closure, dependencies, imports, troubles
from harness.interpreter.client import Worker
from harness.interpreter.closure import RECORD_MODULE, SERVICE_MODULE
from harness.interpreter.dependencies import Declared
from harness.interpreter.imports import Examined
from harness.interpreter.scan import Scan
from harness.interpreter.troubles import Trouble, Violation
from harness.journal import Journal
from harness.model import Tally

SERVICE: Final = "CostTrackingService"
# Without these two there is nothing to import; the others of section 5.1 are missed where they are imported.
REQUIRED: Final = (SERVICE_MODULE, RECORD_MODULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMeasurement:
    """What is wrong in the billing closure, apart by clause, and what else was seen.

    `not_installed` names declared dependencies whose absence kept something in the closure from being seen.
    `imported` counts the modules and `resolved` the names of which anybody can tell whether they are found.
    """

    imported: Tally
    resolved: Tally
    modules: int
    names: int
    uses: int
    failing: tuple[Violation, ...]
    unresolved: tuple[Violation, ...]
    strangers: tuple[Violation, ...]
    elsewhere: tuple[Violation, ...]
    not_installed: tuple[str, ...]
    optional: tuple[str, ...]
    unexamined: tuple[str, ...]
    unreachable: tuple[str, ...]
    unreadable: tuple[str, ...]
    missing_billing_modules: tuple[str, ...]


class Imports:
    """The instrument of REQ-BILL-001.1: notes the measured imports in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: ImportMeasurement) -> None:
        self._journal = journal
        self._measurement = measurement

    def failing(self) -> tuple[Violation, ...]:
        """Modules of the billing closure that do not import first in a process of their own."""
        measured = self._measurement
        claim = "every module of the billing closure imports first in a process of its own"
        return self._seen(claim, measured.failing, measured.modules, measured.imported)

    def unresolved(self) -> tuple[Violation, ...]:
        """Names imported later, in functions or under `try`, that do not exist."""
        measured = self._measurement
        return self._seen("every name imported later resolves", measured.unresolved, measured.names, measured.resolved)

    def strangers(self) -> tuple[Violation, ...]:
        """Places where `CostTrackingService` is not the one of the cost-tracking module."""
        measured = self._measurement
        return self._seen(f"{SERVICE} comes from {SERVICE_MODULE}", measured.strangers, measured.uses)

    def _seen(
        self, claim: str, wrong: tuple[Violation, ...], examined: int, tally: Tally | None = None
    ) -> tuple[Violation, ...]:
        """Note one clause; CannotTell when nothing is wrong but something could not be seen."""
        said = tuple(map(str, wrong))
        self._journal.note("imports", claim, expected=(), observed=said, examined=examined, tally=tally)
        self._find_rest()
        absent = self._measurement.not_installed
        if absent and not wrong:
            raise dependencies.not_installed(absent)
        if self._measurement.unexamined and not wrong:
            raise CannotTell(f"{self._measurement.unexamined[0]} and others were not examined, since several hang")
        return wrong

    def _find_rest(self) -> None:
        """Show what changes no outcome."""
        measured = self._measurement
        rest = {
            "fails outside the billing closure": tuple(map(str, measured.elsewhere)),
            "dependency not installed": measured.not_installed,
            "optional dependency not installed": measured.optional,
            "not examined, since several modules hang": measured.unexamined,
            "file that no import can reach": measured.unreachable,
            "file whose syntax is broken": measured.unreadable,
            "billing module that does not exist": measured.missing_billing_modules,
        }
        for claim, observed in rest.items():
            if observed:
                self._journal.find("imports", claim, observed=observed, examined=measured.modules)


def measure_imports(worker: Worker, scan: Scan, *, deadline: float = imports.MODULE_DEADLINE) -> ImportMeasurement:
    """Import every module of the package first in a child of the platform's Python, and sort what went wrong.

    A module that takes longer than `deadline` seconds is hung. CannotTell when the worker cannot do it.
    """
    examined = imports.examine(worker, scan, identity=SERVICE, deadline=deadline)
    return conclude(scan, examined, dependencies.read(Path(scan.root)))


def conclude(scan: Scan, examined: Examined, declared: Declared) -> ImportMeasurement:
    """What follows from the children's reports, without looking at the platform again."""
    billing = closure.billing(scan)
    met = troubles.find(scan, examined, declared)
    failing = troubles.group((one for one in met if not one.later and not one.absent), scan)
    causes = {(one.file, one.line, one.what) for one in failing}
    later = troubles.group((one for one in met if one.later and not one.absent), scan)
    unresolved = tuple(one for one in later if (one.file, one.line, one.what) not in causes)
    modules = scan.modules()
    reported = {report.module for report in examined.reports}
    seen = reported & billing
    names = sum(len(imports.looked_up(modules[module], scan)) for module in seen)
    inside = tuple(one for one in met if one.module in seen)
    return ImportMeasurement(
        imported=_imported(inside, len(seen), missing=len([*_missing(scan)])),
        resolved=_resolved(inside, names, causes),
        modules=len(seen),
        names=names,
        uses=sum(len(report.identities) for report in examined.reports),
        failing=(*_missing(scan), *(one for one in failing if one.touches(billing))),
        unresolved=tuple(one for one in unresolved if one.touches(billing)),
        strangers=(*_second_definitions(scan), *_strangers(scan, examined)),
        elsewhere=tuple(one for one in (*failing, *unresolved) if not one.touches(billing)),
        not_installed=tuple(sorted({one.absent for one in met if one.absent and one.module in billing})),
        optional=_optional(scan, examined),
        unexamined=tuple(sorted(modules.keys() - reported)),
        unreachable=tuple(f"{file.path}: {file.unreachable}" for file in scan.files if file.unreachable),
        unreadable=tuple(f"{file.path}:{file.error.line}: {file.error.message}" for file in scan.files if file.error),
        missing_billing_modules=tuple(name for name in closure.BILLING_MODULES if name not in modules),
    )


def _imported(met: Iterable[Trouble], modules: int, *, missing: int) -> Tally:
    """Modules that import, of those that do or do not; one that lacks an absent dependency alone is neither."""
    stopped = {one.module: bool(one.absent) for one in met if not one.later}
    told = modules - sum(stopped.values())
    return Tally(metric="imports", right=modules - len(stopped), of=told + missing)


def _resolved(met: Iterable[Trouble], names: int, causes: Container[tuple[str, int, str]]) -> Tally:
    """The same of names that modules import later; what already keeps a module from importing is not counted twice."""
    later = [one for one in met if one.later]
    unknown = sum(bool(one.absent) or (one.at.file, one.at.line, one.what) in causes for one in later)
    # One statement may lack several names.
    return Tally(metric="imports", right=max(0, names - len(later)), of=max(0, names - unknown))


def _missing(scan: Scan) -> Iterator[Violation]:
    """The modules that must be there whether or not anything imports them."""
    for module in REQUIRED:
        if module not in scan.modules():
            file = module.replace(".", "/") + ".py"
            yield Violation(module=module, file=file, line=0, what="does not exist")


def _second_definitions(scan: Scan) -> Iterator[Violation]:
    """Classes that take the service's name elsewhere."""
    for file in scan.files:
        for one in file.classes:
            if one.name == SERVICE and not _is_home(file.module):
                what = f"defines a second {SERVICE}"
                yield Violation(module=file.module, file=file.path, line=one.line, what=what)


def _strangers(scan: Scan, examined: Examined) -> Iterator[Violation]:
    """Modules in which the service's name means something else, its own module included when it lacks the name."""
    files = scan.modules()
    for report in examined.reports:
        if report.module == SERVICE_MODULE and not report.failure and not report.identities:
            yield Violation(module=report.module, file=files[report.module].path, line=0, what=f"offers no {SERVICE}")
        for one in report.identities:
            if one.home != report.module and not _is_home(one.home):
                file = files[report.module]
                origin = one.home or "nowhere: it is no class"
                line = one.line or _line_of_import(scan, report.module)
                yield Violation(module=report.module, file=file.path, line=line, what=f"{SERVICE} is from {origin}")


def _is_home(module: str | None) -> bool:
    # The module may be a package, whose parts only it brings together.
    return module is not None and f"{module}.".startswith(f"{SERVICE_MODULE}.")


def _line_of_import(scan: Scan, module: str) -> int:
    """The line on which a module imports the service, 0 when it comes in another way."""
    statements = scan.modules()[module].imports
    return next((statement.line for statement in statements if SERVICE in statement.names), 0)


def _optional(scan: Scan, examined: Examined) -> tuple[str, ...]:
    """Missing third-party packages that are only ever imported where a failure is caught."""
    needed = {
        statement.target.partition(".")[0]
        for file in scan.modules().values()
        for statement in file.imports
        if not statement.guarded
    }
    return tuple(sorted({one.name.partition(".")[0] for one in examined.missing} - needed))
