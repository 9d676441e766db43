"""The probe tells the ways apart in which a platform's own tests pass, assert nothing, fail, or are not run at all."""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Tally
from harness.observe import own_run
from harness.observe.own_run import Order, Stand
from harness.probes import own_tests
from harness.probes.own_tests import OwnTest, OwnTests
from harness.services import janitor
from harness.services.workspace import Workspace
from harness.tests.trees import TREES

ASSERTING: Final = {
    "test_asserts": 1,
    "test_asserts_slowly": 1,
    "test_asserts_twice": 2,
    "test_asserts_where_it_can": 1,
    "test_asserts_through_a_helper": 1,
    "test_expects_an_exception": 1,
    "test_calls_a_mock": 1,
    "test_awaits_a_mock": 1,
    "test_asserts_as_unittest_does": 1,
    "test_expects_as_unittest_does": 1,
    "tests/test_asserting.py::test_is_right_but_not_here": 1,
}
IDLE: Final = (
    "test_asserts_nothing",
    "test_asserts_a_constant",
    "test_asserts_in_a_branch_not_taken",
    "test_asserts_only_in_a_fixture",
    "test_asserts_only_in_the_platform",
)
NOT_PASSED: Final = {
    "test_fails": ("failed", "it is not four long"),
    "test_raises": ("failed", "password=*** was wrong"),
    "test_has_a_broken_fixture": ("errored", "the fixture is broken"),
    "test_breaks_afterwards": ("errored", "the fixture breaks afterwards"),
    "test_is_switched_off": ("switched off", "its authors skip it"),
    "test_is_expected_to_fail": ("expected to fail", "known for long"),
    "test_is_right_but_not_here": ("failed", "but here"),
    "test_needs_what_nobody_declared": ("failed", "nobody_declared_this"),
    "test_is_never_seen": ("errored", "ModuleNotFoundError: No module named 'omoi_os.services'"),
    "test_is_in_no_test_file": ("missing", "no test named test_is_in_no_test_file"),
    "test_is_nowhere": ("missing", "no test named test_is_nowhere"),
    "tests/test_wrong.py::test_asserts": ("missing", "no test named tests/test_wrong.py::test_asserts"),
}
UNKNOWN: Final = {
    "test_is_skipped_here": "was not run to its end: Skipped: not on this Python",
    "test_needs_the_model": "was not run to its end: Skipped: needs --with-model",
    "test_is_left_with_its_file": "was not run to its end: Skipped: could not import 'nobody_declared_this'",
    "test_needs_what_is_declared": "dependency not installed: a-dependency-that-is-nowhere",
    "test_wants_a_dependency": "dependency not installed: a-dependency-that-is-nowhere",
}


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    """A copy of the miniature whose tests go wrong in every way, and our own Python to run them."""
    with Workspace.open() as workspace:
        source = Path(shutil.copytree(TREES / "tests-of-its-own", workspace.path("source")))
        env = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(workspace.folder)}
        yield Stand(source=source, python=sys.executable, env=env, workspace=workspace)


@pytest.fixture(scope="module")
def measured(stand: Stand) -> Mapping[str, OwnTest]:
    """One run of all that come to an end."""
    return _told(stand, *ASSERTING, *IDLE, *NOT_PASSED, *UNKNOWN)


@pytest.mark.parametrize("name", ASSERTING)
def test_a_test_that_asserts_is_seen_to(measured: Mapping[str, OwnTest], name: str) -> None:
    """Whatever its way to assert, and whatever the platform's configuration leaves out or switches off."""
    journal = Journal()
    found = OwnTests(journal, measured).named(name)
    assert (found.ending, found.assertions) == ("passed", ASSERTING[name])
    assert journal.readings[0].examined == found.found > 0
    assert journal.readings[0].tally == Tally(metric="own-tests", right=found.passed, of=found.passed)
    assert found.passed > 0


@pytest.mark.parametrize("name", IDLE)
def test_a_test_that_asserts_nothing_is_seen_to(measured: Mapping[str, OwnTest], name: str) -> None:
    """Constants, branches not taken, fixtures and the platform's own code assert nothing for a test."""
    found = OwnTests(Journal(), measured).named(name)
    assert (found.ending, found.assertions) == ("passed", 0)


@pytest.mark.parametrize("name", NOT_PASSED)
def test_a_test_that_does_not_pass_is_told_with_its_reason(measured: Mapping[str, OwnTest], name: str) -> None:
    """Each in its own word, without the passwords that it prints."""
    journal = Journal()
    found = OwnTests(journal, measured).named(name)
    ending, words = NOT_PASSED[name]
    tally = journal.readings[0].tally
    assert tally is not None
    assert (tally.right < tally.of) == (found.found > 0)
    assert found.ending == ending, found
    assert words in found.because


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_test_that_cannot_be_run_here_says_nothing(measured: Mapping[str, OwnTest], name: str) -> None:
    """What skips itself in this place, or lacks what is declared, is neither a pass nor a failure."""
    journal = Journal()
    with pytest.raises(CannotTell) as caught:
        OwnTests(journal, measured).named(name)
    assert journal.readings[0].tally is None
    assert UNKNOWN[name] in str(caught.value)


def test_a_test_that_hangs_ends_with_the_deadline(stand: Stand) -> None:
    """What was seen before counts, what hangs is named, and nothing of it goes on."""
    began = time.monotonic()
    measured = _told(stand, "test_asserts", "test_hangs", deadline=6.0)
    assert time.monotonic() - began < 15
    assert OwnTests(Journal(), measured).named("test_asserts").ending == "passed"
    with pytest.raises(CannotTell, match=r"ended at its deadline, during tests/test_hanging\.py::test_hangs"):
        OwnTests(Journal(), measured).named("test_hangs")
    assert janitor.marked(stand.workspace.folder) == ()


def test_a_test_that_ends_the_interpreter_has_not_passed(stand: Stand) -> None:
    """The run is gone with it, and the test that did it is named with the code."""
    measured = _told(stand, "test_asserts", "test_dies")
    assert OwnTests(Journal(), measured).named("test_asserts").ending == "passed"
    died = OwnTests(Journal(), measured).named("test_dies")
    assert (died.ending, "ended with code 7" in died.because) == ("errored", True)


def test_a_python_without_pytest_says_nothing(stand: Stand, tmp_path: Path) -> None:
    """A dependency for tests that is not there is no failure of the tests."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    lacking = Stand(source=stand.source, python=str(bare), env=stand.env, workspace=stand.workspace)
    with pytest.raises(CannotTell, match="dependency not installed: pytest"):
        OwnTests(Journal(), _told(lacking, "test_asserts")).named("test_asserts")


def test_a_program_that_is_no_python_says_nothing(stand: Stand) -> None:
    """Neither is what cannot be run at all."""
    absent = Stand(source=stand.source, python="/nowhere/python", env=stand.env, workspace=stand.workspace)
    with pytest.raises(CannotTell, match="python could not be run"):
        _told(absent, "test_asserts")


def test_tests_that_pytest_cannot_begin_are_told_with_its_words(stand: Stand, tmp_path: Path) -> None:
    """A broken conftest is the platform's, and hides every test behind it."""
    found = OwnTests(Journal(), _told_behind("import omoi_os.nothing\n", stand, tmp_path)).named("test_asserts")
    assert (found.ending, "No module named 'omoi_os.nothing'" in found.because) == ("errored", True)


def test_a_conftest_that_lacks_what_is_declared_says_nothing(stand: Stand, tmp_path: Path) -> None:
    """All tests are behind it, and whoever did not install a dependency is to blame."""
    measured = _told_behind("import a_dependency_that_is_nowhere\n", stand, tmp_path)
    with pytest.raises(CannotTell, match="dependency not installed: a-dependency-that-is-nowhere"):
        OwnTests(Journal(), measured).named("test_asserts")


@pytest.mark.parametrize(
    ("options", "test"),
    [
        ('addopts = "--not-known-here"', "def test_wants_a_plugin():\n    assert __name__\n"),
        ('addopts = "--strict-markers"', "@pytest.mark.nowhere\ndef test_wants_a_plugin():\n    assert __name__\n"),
        ("", "def test_wants_a_plugin(fixture_from_nowhere):\n    assert fixture_from_nowhere\n"),
        ("", "async def test_wants_a_plugin():\n    assert __name__\n"),
    ],
    ids=["option", "mark", "fixture", "kind of test"],
)
@pytest.mark.parametrize("declared", [True, False])
def test_what_a_plugin_would_know_is_no_failure_where_it_was_not_installed(
    options: str, test: str, declared: bool, stand: Stand, tmp_path: Path
) -> None:
    """Where nobody declared any, what pytest does not know is the platform's fault."""
    plugin = ', "pytest-plugin-from-nowhere"' if declared else ""
    project = f'[project]\nname = "x"\ndependencies = ["pytest"{plugin}]\n[tool.pytest.ini_options]\n{options}\n'
    (tmp_path / "tests").mkdir()
    (tmp_path / "omoi_os").mkdir()
    (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
    (tmp_path / "tests" / "test_one.py").write_text(f"import pytest\n\n{test}", encoding="utf-8")
    placed = replace(stand, source=tmp_path)
    measured = OwnTests(Journal(), _told(placed, "test_wants_a_plugin"))
    if declared:
        with pytest.raises(CannotTell, match="dependency not installed: pytest-plugin-from-nowhere"):
            measured.named("test_wants_a_plugin")
    else:
        assert measured.named("test_wants_a_plugin").ending in ("failed", "errored")


def test_a_test_that_reaches_nobody_says_nothing(stand: Stand, tmp_path: Path) -> None:
    """Nobody promised it what it connects to."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "omoi_os").mkdir()
    reaches = "import socket\n\ndef test_reaches():\n    assert socket.create_connection(('127.0.0.1', 1))\n"
    (tmp_path / "tests" / "test_one.py").write_text(reaches, encoding="utf-8")
    journal = Journal()
    with pytest.raises(CannotTell, match="is not at hand: ConnectionRefusedError"):
        OwnTests(journal, _told(replace(stand, source=tmp_path), "test_reaches")).named("test_reaches")
    assert journal.readings[0].tally is None


def test_what_is_declared_around_the_source_counts(stand: Stand, tmp_path: Path) -> None:
    """Tests run in a copy, and the folder around the original may declare what they need."""
    origin = tmp_path / "backend"
    origin.mkdir()
    (tmp_path / "requirements.txt").write_text("nobody-declared-this\n", encoding="utf-8")
    measured = _told(replace(stand, origin=origin), "test_needs_what_nobody_declared")
    with pytest.raises(CannotTell, match="dependency not installed: nobody-declared-this"):
        OwnTests(Journal(), measured).named("test_needs_what_nobody_declared")


def _told_behind(conftest: str, stand: Stand, folder: Path) -> Mapping[str, OwnTest]:
    """What became of a test behind this conftest."""
    broken = Path(shutil.copytree(stand.source, folder / "source"))
    (broken / "tests" / "conftest.py").write_text(conftest, encoding="utf-8")
    return _told(replace(stand, source=broken), "test_asserts")


def _told(stand: Stand, *wanted: str, deadline: float = own_run.DEADLINE) -> Mapping[str, OwnTest]:
    """What became of tests that are run for themselves."""
    return own_tests.measure_own_tests(own_run.run(stand, Order(wanted=wanted, deadline=deadline)), wanted)
