"""Tells how the platform's own unit tests went, all of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from harness.errors import CannotTell
from harness.interpreter import dependencies
from harness.interpreter.own_tests import Unread, Went
from harness.journal import Journal
from harness.observe import own_run, unit_run
from harness.observe.own_run import Order, OwnRun

_INSTRUMENT: Final = "the platform's own pytest"
# With the first run these end before a lane is taken for dead.
_FILES_SECONDS: Final = 100.0
_WHOLE_SECONDS: Final = 180.0
# One that fails again suffices; a suite in ruins is not run a second time to its end.
_MOST_FILES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A unit test that did not pass, or a file of them that could not be read, and why; `elsewhere` says what lacks.

    With nothing in `elsewhere` it is the platform's own.
    """

    what: str
    words: str
    elsewhere: str = ""

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.what}: {self.words}"


class UnitTests:
    """The instrument that tells whether all unit tests of the platform pass."""

    def __init__(self, journal: Journal, run: OwnRun, again: Callable[[Order], OwnRun]) -> None:
        """`run` went on beside other work of ours; `again` runs what it is told to once more."""
        self._journal = journal
        self._run = run
        self._again = again

    def failing(self) -> tuple[Mishap, ...]:
        """What did not pass and is the platform's; CannotTell where that is nothing and not all could be run here.

        A test counts as failing that fails once more: with the others of its file, or amid all unit tests.
        """
        ends, mishaps = unit_run.endings(self._run), tuple(_mishaps(self._run))
        self._note(ends, examined=len(ends) + sum(1 for _ in unit_run.unread(self._run)))
        if blamed := self._confirmed(tuple(one for one in mishaps if not one.elsewhere)):
            return blamed
        if self._run.lacks_pytest:
            raise dependencies.not_installed(("pytest",))
        for one in mishaps:
            if one.elsewhere:
                raise CannotTell(f"nothing follows from {one}: {one.elsewhere}")
        if _interrupted(self._run):
            raise CannotTell(self._run.cut_short)
        if unit_run.UNFINISHED in ends.values():
            raise CannotTell("some of the unit tests that were found were not run to their end")
        if ends and "passed" not in ends.values():
            raise CannotTell("every unit test that was found is skipped here or expected to fail")
        return ()

    def _confirmed(self, blamed: tuple[Mishap, ...]) -> tuple[Mishap, ...]:
        """Those that are no accident of what went on beside them; a file or a run that broke is none."""
        tests = tuple(dict.fromkeys(one.what for one in blamed))
        if not tests or not unit_run.units(self._run).keys() >= set(tests):
            return blamed
        beside = self._again(Order(wanted=self._of_their_files(tests), deadline=_FILES_SECONDS))
        if confirmed := _failing_again(blamed, beside):
            return confirmed
        whole = self._again(Order(measured=self._run.measured, deadline=_WHOLE_SECONDS))
        if confirmed := _failing_again(blamed, whole):
            return confirmed
        ends = unit_run.endings(whole)
        for test in tests:
            if ends.get(test) != "passed":
                raise CannotTell(f"{test} failed beside other work, and could not be run to its end once more")
        claim = "unit tests that failed beside other work, and passed with their files and amid all the others"
        self._journal.find(_INSTRUMENT, claim, observed=tests, examined=len(tests))
        return ()

    def _of_their_files(self, tests: Sequence[str]) -> tuple[str, ...]:
        """All unit tests of the first few files that hold these: one may need what another of its file does."""
        files = tuple(dict.fromkeys(map(_file, tests)))[:_MOST_FILES]
        return tuple(dict.fromkeys(_name(test) for test in unit_run.units(self._run) if _file(test) in files))

    def _note(self, ends: Mapping[str, str], *, examined: int) -> None:
        went = ", ".join(f"{count} {ending}" for ending, count in sorted(Counter(ends.values()).items()))
        self._journal.note(_INSTRUMENT, "all unit tests pass", observed=went or "none was found", examined=examined)
        skipped = tuple(test for test, ending in ends.items() if ending == "skipped")
        if skipped:
            claim = "unit tests that are skipped here, or expected to fail"
            self._journal.find(_INSTRUMENT, claim, observed=skipped, examined=len(skipped))


def _failing_again(blamed: tuple[Mishap, ...], run: OwnRun) -> tuple[Mishap, ...]:
    """Those whose test fails in another run as well, through no lack of something there."""
    failed = (fact for fact in run.facts if isinstance(fact, Went) and fact.outcome == "failed")
    failing = {fact.test for fact in failed if not _elsewhere(run, fact)}
    return tuple(one for one in blamed if one.what in failing)


def _file(test: str) -> str:
    return test.partition("::")[0]


def _name(test: str) -> str:
    """A test as an order names it: its file and its function, whatever class or parameters it has."""
    return f"{_file(test)}::{test.rpartition('::')[2].partition('[')[0]}"


def _mishaps(run: OwnRun) -> Iterator[Mishap]:
    for test, one in unit_run.failures(run):
        yield Mishap(what=test, words=run.shown(one.words), elsewhere=_elsewhere(run, one))
    for fact in unit_run.unread(run):
        elsewhere = _elsewhere(run, fact) or ("it may hold no unit test" if _apart(run, fact.file) else "")
        yield Mishap(what=f"{fact.file}, which cannot be read", words=run.shown(fact.words), elsewhere=elsewhere)
    if _interrupted(run) and run.code is not None:
        absent = run.absent("", run.cut_short)
        elsewhere = f"{absent} is declared and not installed" if absent else ""
        what = "unit tests that were not run to their end"
        yield Mishap(what=what, words=run.shown(run.cut_short), elsewhere=elsewhere)


def _elsewhere(run: OwnRun, fact: Went | Unread) -> str:
    """What is not at hand here, for want of which a test fails through no fault of the platform's."""
    if absent := run.absent(fact.lacks, fact.words):
        return f"{absent} is declared and not installed"
    return own_run.UNREACHED if own_run.reaches_nobody(fact.words) else ""


def _apart(run: OwnRun, file: str) -> bool:
    """Whether a file lies where no unit test was found, while there are some elsewhere."""
    folders = {PurePath(test.partition("::")[0]).parent for test in unit_run.units(run)}
    return bool(folders) and PurePath(file).parent not in folders and "unit" not in PurePath(file).parts


def _interrupted(run: OwnRun) -> bool:
    """Whether the run ended before all unit tests had; those that come after them say nothing here."""
    ends = unit_run.endings(run).values()
    return bool(run.measured and run.cut_short and not run.lacks_pytest) and (not ends or unit_run.UNFINISHED in ends)
