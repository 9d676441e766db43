"""Tells which lines of the cost-tracking module the platform's own unit tests execute.

Every line that can be executed counts, also those that a comment or a configuration would leave out: these are shown.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from harness.errors import CannotTell
from harness.interpreter import dependencies
from harness.interpreter.closure import SERVICE_MODULE
from harness.interpreter.own_tests import Covered, FileLines, Unmeasured, Unread, Went
from harness.journal import Journal
from harness.observe import own_run, unit_run
from harness.observe.own_run import OwnRun

LIMIT_PERCENT: Final = 90
_INSTRUMENT: Final = "coverage.py in the platform's own pytest"
_FEW: Final = 3
_MODULE: Final = SERVICE_MODULE.replace(".", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How many lines of a module can be executed, how many were, and where the others are; branches likewise."""

    statements: int
    executed: int
    missing: str
    branches: int
    taken: int

    @property
    def suffices(self) -> bool:
        """Whether more than 90 of 100 lines were executed, without rounding."""
        return self.executed * 100 > self.statements * LIMIT_PERCENT

    def __str__(self) -> str:
        """The share and what it is made of."""
        percent = 100 * self.executed / self.statements if self.statements else 0
        rest = f"; not executed: {self.missing}" if self.missing else ""
        return f"{percent:.1f} %, {self.executed} of {self.statements} lines{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCoverage:
    """What unit tests execute of a module: `happened` tells how the tests went, `passing` how many of them passed."""

    lines: Lines
    happened: str
    passing: int


class Coverage:
    """The instrument of NFR-MAIN-001: notes what the unit tests executed in the journal of the running check."""

    def __init__(self, journal: Journal, run: OwnRun) -> None:
        self._journal = journal
        self._run = run

    def of_the_cost_module(self) -> UnitCoverage:
        """What the unit tests execute of the cost-tracking module; CannotTell when that could not be seen here."""
        told = _covered(self._run)
        lines = _lines(told.files if told else ())
        seen = UnitCoverage(lines=lines, happened=_happened(self._run), passing=_ended(self._run)["passed"])
        self._note(seen, told)
        if self._run.measured and not (seen.passing and lines.suffices):
            self._refuse_to_blame(told)
        return seen

    def _note(self, seen: UnitCoverage, told: Covered | None) -> None:
        self._journal.note(
            _INSTRUMENT,
            "the platform's own unit tests execute the lines of its cost-tracking module",
            expected=f"more than {LIMIT_PERCENT} %",
            observed=f"{seen.lines}; {seen.happened}",
            examined=seen.lines.statements,
        )
        if told is None:
            return
        branches = f"{seen.lines.taken} of {seen.lines.branches}, as {told.by} counts"
        self._journal.find(_INSTRUMENT, "branches taken", observed=branches, examined=seen.lines.branches)
        excluded = tuple(f"{file.path}: {_ranges(file.excluded)}" for file in told.files if file.excluded)
        for claim, observed in (("lines", excluded), ("files", told.omitted)):
            if observed:
                what = f"{claim} that the platform's own configuration leaves out, and that count all the same"
                self._journal.find(_INSTRUMENT, what, observed=observed, examined=len(observed))

    def _refuse_to_blame(self, told: Covered | None) -> None:
        """Raise CannotTell where tests were kept from executing more by something that is not the platform's."""
        run = self._run
        if run.lacks_pytest:
            raise dependencies.not_installed(("pytest",))
        absent = sorted({*_lacking(run), run.absent("", run.cut_short)} - {""})
        if absent:
            raise dependencies.not_installed(absent)
        if run.code is None:
            raise CannotTell(run.cut_short)
        for fact in run.facts:
            if isinstance(fact, Unmeasured):
                raise CannotTell(f"coverage.py could not measure: {fact.words}")
        if told and told.elsewhere:
            raise CannotTell(f"the tests import {SERVICE_MODULE} from {told.elsewhere}, not from the source judged")
        for test, one in unit_run.failures(run):
            if own_run.reaches_nobody(one.words):
                raise CannotTell(f"{test} fails: {own_run.UNREACHED}")
        left = _skipped(run)
        if left:
            raise CannotTell(f"{len(left)} unit tests skip themselves here: {run.shown(left[0])}")


def measured(source: Path) -> tuple[str, ...]:
    """The files of the cost-tracking module below a source root, which may be a package."""
    folder = source / _MODULE
    found = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    return tuple(str(path.relative_to(source)) for path in found if path.is_file())


def _covered(run: OwnRun) -> Covered | None:
    return next((fact for fact in run.facts if isinstance(fact, Covered)), None)


def _lines(files: tuple[FileLines, ...]) -> Lines:
    statements = sum(file.statements for file in files)
    return Lines(
        statements=statements,
        executed=statements - sum(len(file.missing) for file in files),
        missing=", ".join(f"{file.path}:{_ranges(file.missing)}" for file in files if file.missing),
        branches=sum(file.branches for file in files),
        taken=sum(file.taken for file in files),
    )


def _ranges(lines: tuple[int, ...]) -> str:
    """Line numbers with neighbours joined, as in 3-5,8."""
    runs = [
        [line for _, line in neighbours]
        for _, neighbours in groupby(enumerate(lines), key=lambda pair: pair[1] - pair[0])
    ]
    return ",".join(f"{run[0]}-{run[-1]}" if run[1:] else f"{run[0]}" for run in runs)


def _happened(run: OwnRun) -> str:
    """How the unit tests went, in words."""
    if not run.measured:
        return f"there is no {_MODULE}.py to be tested"
    ended = _ended(run)
    went = ", ".join(f"{count} {ending}" for ending, count in sorted(ended.items()))
    found = f"{sum(ended.values())} unit tests: {went}" if ended else "no unit test was found"
    wrong = [f"{fact.file} could not be read: {run.shown(fact.words)}" for fact in unit_run.unread(run)]
    wrong += [f"{test.partition('::')[2]}: {run.shown(one.words)}" for test, one in unit_run.failures(run)]
    short = [run.shown(run.cut_short)] if run.cut_short else []
    return "; ".join([found, *short, *wrong[:_FEW]])


def _ended(run: OwnRun) -> Counter[str]:
    """How many unit tests ended how."""
    return Counter(unit_run.endings(run).values())


def _lacking(run: OwnRun) -> Iterator[str]:
    """The dependencies for want of which unit tests, or files of them, did not run; empty words for all that did."""
    units = unit_run.units(run)
    for fact in run.facts:
        if (isinstance(fact, Unread) and fact.unit) or (isinstance(fact, Went) and fact.test in units):
            yield run.absent(fact.lacks, fact.words)


def _skipped(run: OwnRun) -> list[str]:
    """Why tests skip themselves in this place: not those that are switched off wherever they run."""
    units = [test for test, fact in unit_run.units(run).items() if not fact.off]
    tests = [one.words for test in units for one in run.went(test) if one.outcome == "skipped" and not one.expected]
    files = [fact.words for fact in run.facts if isinstance(fact, Unread) and fact.unit and fact.outcome == "skipped"]
    return tests + files
