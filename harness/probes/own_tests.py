"""Tells whether the platform's own tests of given names are there, pass, and execute an assertion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from harness.errors import CannotTell
from harness.interpreter import dependencies
from harness.interpreter.own_tests import Asserted, Began, Found, Unread, Went
from harness.journal import Journal
from harness.model import Tally
from harness.observe import own_run
from harness.observe.own_run import OwnRun

_INSTRUMENT: Final = "the platform's own pytest"

Ending = Literal["failed", "errored", "unfinished", "passed", "expected to fail", "switched off", "skipped", "missing"]
# Of several tests of one name the first of these speaks for all: one that is left out harms none that passed.
_TELLING: Final[tuple[Ending, ...]] = (
    *("failed", "errored", "unfinished", "passed"),
    *("expected to fail", "switched off", "skipped", "missing"),
)
_RAN: Final[tuple[Ending, ...]] = ("failed", "errored", "passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTest:
    """What became of a wanted test: how it ended and why, how many assertions it executed.

    `found` tells how often it was collected, in which `files`. Of those, `counted` speak for it (not the ones left out
    beside one that ran) and `passed` did pass.
    `absent` is a declared dependency that is not installed, for want of which nothing follows.
    """

    name: str
    ending: Ending
    because: str = ""
    found: int = 0
    files: tuple[str, ...] = ()
    counted: int = 0
    passed: int = 0
    assertions: int = 0
    absent: str = ""


class OwnTests:
    """The instrument that tells of the platform's own tests: notes what became of the one that is asked for."""

    def __init__(self, journal: Journal, measured: Mapping[str, OwnTest]) -> None:
        self._journal = journal
        self._measured = measured

    def named(self, name: str) -> OwnTest:
        """What became of a test that was wanted; CannotTell when it could not be run here to its end."""
        test = self._measured[name]
        said = f"{test.ending}, {test.assertions} assertions executed"
        alone = test.ending in ("failed", "errored") and own_run.reaches_nobody(test.because)
        unknown = test.absent or alone or test.ending in ("skipped", "unfinished")
        tally = None if unknown else Tally(metric="own-tests", right=test.passed, of=test.counted)
        claim = f"{name} passes and asserts"
        self._journal.note(_INSTRUMENT, claim, observed=said, examined=test.found, tally=tally)
        if test.absent:
            raise dependencies.not_installed((test.absent,))
        if alone:
            raise CannotTell(f"nothing follows from {name}: {own_run.UNREACHED}: {test.because}")
        if unknown:
            raise CannotTell(f"{name} was not run to its end: {test.because}")
        return test

    def placed(self, name: str, place: str) -> None:
        """Show where a test lies if that is elsewhere than the document says, which is no fault."""
        files = self._measured[name].files
        if files and not any(file.endswith(place) for file in files):
            claim = f"{name} lies elsewhere than in {place}, which the document names"
            self._journal.find(_INSTRUMENT, claim, observed=files, examined=len(files))


def measure_own_tests(run: OwnRun, wanted: Sequence[str]) -> Mapping[str, OwnTest]:
    """What became of the tests of these names in a run that was asked for them."""
    judged = (_judged(name, run) for name in wanted)
    return {test.name: replace(test, because=run.shown(test.because)) for test in judged}


def _judged(name: str, run: OwnRun) -> OwnTest:
    """What became of one wanted test."""
    if run.lacks_pytest:
        return OwnTest(name=name, ending="unfinished", absent="pytest")
    found = [fact for fact in run.facts if isinstance(fact, Found) and name in fact.wanted]
    if not found:
        return _not_found(name, run)
    ends = sorted((_ended(one, run) for one in found), key=lambda test: _TELLING.index(test.ending))
    ran = sum(test.ending in _RAN for test in ends)
    return replace(
        ends[0],
        name=name,
        found=len(ends),
        files=tuple(dict.fromkeys(fact.test.partition("::")[0] for fact in found)),
        counted=ran or len(ends),
        passed=sum(test.ending == "passed" for test in ends),
        assertions=sum(test.assertions for test in ends),
    )


def _not_found(name: str, run: OwnRun) -> OwnTest:
    """A wanted test that pytest did not come upon: it is not there, or something stands before it."""
    hidden = (fact for fact in run.facts if isinstance(fact, Unread) and name in fact.wanted)
    for fact in hidden:
        ending: Ending = "skipped" if fact.outcome == "skipped" else "errored"
        said = f"its file could not be read: {fact.words}" if ending == "errored" else fact.words
        return OwnTest(name=name, ending=ending, because=said, absent=run.absent(fact.lacks, fact.words))
    if run.cut_short:
        ending = "unfinished" if run.code is None else "errored"
        return OwnTest(name=name, ending=ending, because=run.cut_short, absent=run.absent("", run.cut_short))
    return OwnTest(name=name, ending="missing", because=f"the platform has no test named {name}")


def _ended(test: Found, run: OwnRun) -> OwnTest:
    """How one test ended that was found."""
    asserted = [fact.count for fact in run.facts if isinstance(fact, Asserted) and fact.test == test.test]
    went = tuple(run.went(test.test))
    told = OwnTest(name=test.test, ending="passed", assertions=sum(asserted[-1:]))
    if test.off:
        return replace(told, ending="switched off", because="its authors skip it wherever it runs")
    for outcome in ("failed", "skipped"):
        for one in (one for one in went if one.outcome == outcome):
            return replace(told, ending=_ending(one), because=one.words, absent=run.absent(one.lacks, one.words))
    if any(one.when == "teardown" for one in went):
        return told
    # What ended the run while it ran is its own; another one's end says nothing about it.
    running = Began(kind="began", test=test.test) in run.facts and run.code is not None
    because = run.cut_short or "the run was stopped before it"
    return replace(told, ending="errored" if running else "unfinished", because=because)


def _ending(went: Went) -> Ending:
    if went.outcome == "failed":
        return "failed" if went.when == "call" else "errored"
    return "expected to fail" if went.expected else "skipped"
