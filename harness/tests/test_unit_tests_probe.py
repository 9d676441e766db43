"""The probe blames a platform for unit tests that fail, and not for what is not at hand where they run."""

from typing import Final

import pytest

from harness.errors import CannotTell
from harness.interpreter.dependencies import Declared
from harness.interpreter.own_tests import Bare, Ended, Fact, Found, Phase, Unread, Went
from harness.journal import Journal
from harness.observe.own_run import Order, OwnRun
from harness.probes.unit_tests import UnitTests

ONE: Final = "tests/unit/test_sums.py::test_one"
OTHER: Final = "tests/unit/test_sums.py::test_other"


def found(test: str) -> Fact:
    """A unit test that was found."""
    return Found(kind="found", test=test, wanted=(), off=False, unit=True)


def went(test: str, outcome: str, *, when: Phase = "call", words: str = "", lacks: str = "") -> Fact:
    """How a phase of it went."""
    return Went(kind="phase", test=test, when=when, outcome=outcome, expected=False, words=words, lacks=lacks)


def unread(file: str, *, lacks: str = "") -> Fact:
    """A file that could not be read."""
    return Unread(kind="unread", file=file, wanted=(), unit=True, outcome="failed", words="no", lacks=lacks)


MEASURED: Final = ("m.py",)
FAILED: Final = (found(OTHER), went(OTHER, "failed", words="two"))
PASSED: Final = (found(ONE), went(ONE, "passed"), went(ONE, "passed", when="teardown"))


BARE: Final = Bare(kind="bare", plugins=("pytest-mock",))


def run(*facts: Fact, code: int | None = 1, last: str = "") -> OwnRun:
    """A run that left these facts."""
    ended = () if code is None or code > 5 else (Ended(kind="ended", code=code),)
    declared = Declared(distributions=frozenset({"nowhere"}))
    return OwnRun(measured=MEASURED, facts=(*facts, *ended), code=code, last=last, declared=declared, secrets=())


def failing(subject: OwnRun, *later: OwnRun) -> list[str]:
    """What the probe blames the platform for; whatever is run once more goes as it went, or as these runs."""
    runs = iter(later)
    return [str(one) for one in UnitTests(Journal(), subject, lambda _: next(runs, subject)).failing()]


def test_unit_tests_that_pass_or_are_skipped_fail_nothing() -> None:
    """The skipped ones are shown."""
    journal = Journal()
    subject = run(*PASSED, found(OTHER), went(OTHER, "skipped", when="setup"), code=0)
    assert not UnitTests(journal, subject, lambda _: subject).failing()
    assert [one.observed for one in journal.findings] == [(OTHER,)]
    assert journal.readings[0].examined == 2


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_unit_test_that_fails_is_seen_in_whichever_phase(when: Phase) -> None:
    """It is named with its words."""
    assert failing(run(*PASSED, found(OTHER), went(OTHER, "failed", when=when, words="two"))) == [f"{OTHER}: two"]


def test_a_unit_test_that_fails_amid_other_work_alone_is_shown_and_fails_nothing() -> None:
    """It is run once more with its file, and amid all the others, since one may need or spoil another."""
    again = run(found(OTHER), went(OTHER, "passed"), went(OTHER, "passed", when="teardown"), code=0)
    asked: list[Order] = []

    def rerun(order: Order) -> OwnRun:
        asked.append(order)
        return again

    journal = Journal()
    assert not UnitTests(journal, run(*PASSED, *FAILED), rerun).failing()
    assert [(one.wanted, one.measured) for one in asked] == [
        ((ONE, OTHER), ()),
        ((), MEASURED),
    ]
    assert journal.findings[-1].observed == (OTHER,)


def test_a_unit_test_that_passes_by_itself_and_fails_amid_the_others_is_seen() -> None:
    """What makes it fail is the platform's."""
    alone = run(found(OTHER), went(OTHER, "passed"), went(OTHER, "passed", when="teardown"), code=0)
    assert failing(run(*PASSED, *FAILED), alone, run(*PASSED, *FAILED)) == [f"{OTHER}: two"]


def test_nothing_follows_where_a_unit_test_that_failed_cannot_be_run_once_more() -> None:
    """It neither failed again nor passed."""
    with pytest.raises(CannotTell, match="could not be run to its end once more"):
        failing(run(*PASSED, *FAILED), run(found(OTHER), code=None), run(found(OTHER), code=None))


def test_a_file_of_unit_tests_that_cannot_be_read_is_seen() -> None:
    """It is the platform's where unit tests lie."""
    assert failing(run(*PASSED, unread("tests/unit/test_more.py")))


def test_a_conftest_that_cannot_be_read_is_seen() -> None:
    """It is named once."""
    assert failing(run(unread("tests/conftest.py"), code=4)) == ["tests/conftest.py, which cannot be read: no"]


def test_a_test_that_ends_the_run_is_seen() -> None:
    """Those after it were not run."""
    assert failing(run(*PASSED, found(OTHER), code=7))


@pytest.mark.parametrize(
    "subject",
    [
        run(*PASSED, found(OTHER), went(OTHER, "failed", words="No module", lacks="nowhere")),
        run(
            *PASSED, found(OTHER), went(OTHER, "failed", words="ConnectionRefusedError: [Errno 111] Connection refused")
        ),
        run(*PASSED, found(OTHER), code=None),
        run(*PASSED, unread("tests/load/test_load.py")),
        run(found(OTHER), went(OTHER, "skipped", when="setup"), code=0),
        run(unread("tests/conftest.py", lacks="nowhere"), code=4),
        run(*PASSED, found(OTHER), code=1),
        run(*PASSED, found(OTHER), code=0),
        run(BARE, *PASSED, found(OTHER), went(OTHER, "failed", words="fixture 'mocker' not found")),
        run(BARE, last="pytest: error: unrecognized arguments: --asyncio-mode=auto", code=4),
    ],
    ids=[
        *("dependency", "connection", "deadline", "elsewhere", "skipped", "conftest"),
        *("given up", "ended in order", "fixture of a plugin", "option of a plugin"),
    ],
)
def test_what_could_not_be_run_here_says_nothing(subject: OwnRun) -> None:
    """Neither that it passes nor that it fails."""
    with pytest.raises(CannotTell):
        failing(subject)


@pytest.mark.parametrize(
    "words",
    [
        "BrowserType.launch: Executable doesn't exist at chromium/chrome",
        "DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2))",
        "OSError: Multiple exceptions: [Errno 111] Connect call failed ('::1', 5432)",
        'connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory',
        "httpx.ConnectTimeout: timed out",
        "psycopg.errors.ConnectionTimeout: connection timeout expired",
    ],
)
def test_what_reaches_nobody_says_so_in_many_ways(words: str) -> None:
    """A browser, an engine for containers or a server that is not at hand is nobody's fault."""
    with pytest.raises(CannotTell):
        failing(run(*PASSED, found(OTHER), went(OTHER, "failed", words=words)))


def test_what_runs_after_unit_tests_is_not_theirs() -> None:
    """A broader test that hangs or ends the run harms none that had passed before it."""
    assert not failing(run(*PASSED, code=None))
    assert not failing(run(*PASSED, code=7))
