"""Measures whether the platform's own tests of given names are there, pass, and execute an assertion.

They run once, in the platform's own Python, by its own pytest and configuration, in a scratch copy of its source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from harness.errors import CannotTell
from harness.interpreter import client, dependencies, own_tests
from harness.interpreter.dependencies import Declared
from harness.interpreter.own_tests import Asserted, Began, Ended, Fact, Found, Lacking, Unread, Went
from harness.journal import Journal
from harness.model import Tally
from harness.redaction import redact, secrets_of
from harness.services.program import Launch, Program, ProgramDidNotStart
from harness.services.workspace import Workspace

RUN_DEADLINE: Final = 600.0
_INSTRUMENT: Final = "the platform's own pytest"
_LAST_LINES: Final = 3
_LENGTH: Final = 400
_ORDERLY: Final = (0, 1, 5)

Ending = Literal["failed", "errored", "unfinished", "passed", "expected to fail", "switched off", "skipped", "missing"]
# Of several tests of one name the first of these speaks for all: one that is left out harms none that passed.
_TELLING: Final[tuple[Ending, ...]] = (
    *("failed", "errored", "unfinished", "passed"),
    *("expected to fail", "switched off", "skipped", "missing"),
)
_RAN: Final[tuple[Ending, ...]] = ("failed", "errored", "passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where tests run: a copy of the platform's source, its Python, the whole environment, and the run's folder."""

    source: Path
    python: str
    env: Mapping[str, str]
    workspace: Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTest:
    """What became of a wanted test: how it ended and why, how many assertions it executed.

    `found` tells how often it was collected. Of those, `counted` speak for it (not the ones left out beside one that
    ran) and `passed` did pass.
    `absent` is a declared dependency that is not installed, for want of which nothing follows.
    """

    name: str
    ending: Ending
    because: str = ""
    found: int = 0
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
        unknown = test.absent or test.ending in ("skipped", "unfinished")
        tally = None if unknown else Tally(metric="own-tests", right=test.passed, of=test.counted)
        claim = f"{name} passes and asserts"
        self._journal.note(_INSTRUMENT, claim, observed=said, examined=test.found, tally=tally)
        if test.absent:
            raise dependencies.not_installed((test.absent,))
        if unknown:
            raise CannotTell(f"{name} was not run to its end: {test.because}")
        return test


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What one run left: its facts, its exit code (None: it was ended by us), and its last words."""

    facts: tuple[Fact, ...]
    code: int | None
    last: str
    declared: Declared

    @property
    def cut_short(self) -> str:
        """How the run ended before its time, in words; nothing when it was orderly."""
        if self.code is None:
            hung = next((fact.test for fact in reversed(self.facts) if isinstance(fact, Began)), "reading the tests")
            return f"the run was ended at its deadline, during {hung}"
        ended = any(isinstance(fact, Ended) and fact.code in _ORDERLY for fact in self.facts)
        return "" if ended else f"the run ended with code {self.code}: {self.last}"


def measure_own_tests(stand: Stand, wanted: Sequence[str], *, deadline: float = RUN_DEADLINE) -> Mapping[str, OwnTest]:
    """Run the tests of these names (`test_name` or `path::test_name`) once; gives what became of each.

    The run is ended after `deadline` seconds with all that it started; what it told until then counts.
    """
    run = _run(stand, wanted, deadline)
    secrets = secrets_of(stand.env)
    judged = (_judged(name, run) for name in wanted)
    return {test.name: replace(test, because=redact(test.because, secrets)[:_LENGTH]) for test in judged}


def _run(stand: Stand, wanted: Sequence[str], deadline: float) -> _Run:
    folder = stand.workspace.make_folder("own-tests")
    report = folder / "facts.jsonl"
    words = (own_tests.COMMAND, str(report), str(folder / "cache"), *wanted)
    launch = Launch(
        argv=(stand.python, "-u", str(client.FOLDER.resolve()), *words),
        cwd=stand.source,
        env=stand.env,
        secrets=secrets_of(stand.env),
    )
    try:
        program = Program.start(launch, stand.workspace)
    except ProgramDidNotStart as error:
        raise CannotTell(error.message, causes=error.causes, hint=error.hint) from error
    try:
        code = program.wait(deadline)
    finally:
        program.kill()
    last = " ".join(program.tail(_LAST_LINES))
    return _Run(facts=own_tests.read(report), code=code, last=last, declared=dependencies.read(stand.source))


def _judged(name: str, run: _Run) -> OwnTest:
    """What became of one wanted test."""
    if any(isinstance(fact, Lacking) for fact in run.facts):
        return OwnTest(name=name, ending="unfinished", absent="pytest")
    found = [fact for fact in run.facts if isinstance(fact, Found) and name in fact.wanted]
    if found:
        ends = sorted((_ended(one, run) for one in found), key=lambda test: _TELLING.index(test.ending))
        ran = sum(test.ending in _RAN for test in ends)
        return replace(
            ends[0],
            name=name,
            found=len(ends),
            counted=ran or len(ends),
            passed=sum(test.ending == "passed" for test in ends),
            assertions=sum(test.assertions for test in ends),
        )
    return _not_found(name, run)


def _not_found(name: str, run: _Run) -> OwnTest:
    """A wanted test that pytest did not come upon: it is not there, or something stands before it."""
    hidden = (fact for fact in run.facts if isinstance(fact, Unread) and name in fact.wanted)
    for fact in hidden:
        ending: Ending = "skipped" if fact.outcome == "skipped" else "errored"
        said = f"its file could not be read: {fact.words}" if ending == "errored" else fact.words
        return OwnTest(name=name, ending=ending, because=said, absent=_absent(fact.lacks, run))
    if run.cut_short:
        ending = "unfinished" if run.code is None else "errored"
        return OwnTest(name=name, ending=ending, because=run.cut_short)
    return OwnTest(name=name, ending="missing", because=f"the platform has no test named {name}")


def _ended(test: Found, run: _Run) -> OwnTest:
    """How one test ended that was found."""
    asserted = [fact.count for fact in run.facts if isinstance(fact, Asserted) and fact.test == test.test]
    # A plugin may try a test again; what it tries again does not count.
    went = [fact for fact in run.facts if isinstance(fact, Went) and fact.test == test.test and fact.outcome != "rerun"]
    told = OwnTest(name=test.test, ending="passed", assertions=sum(asserted[-1:]))
    if test.off:
        return replace(told, ending="switched off", because="its authors skip it wherever it runs")
    for outcome in ("failed", "skipped"):
        for one in (one for one in went if one.outcome == outcome):
            return replace(told, ending=_ending(one), because=one.words, absent=_absent(one.lacks, run))
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


def _absent(module: str, run: _Run) -> str:
    """The declared dependency that a module which was not found would come from, or nothing."""
    return (module and dependencies.behind(module, run.declared)) or ""
