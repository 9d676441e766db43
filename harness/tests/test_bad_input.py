"""Bad input ends in one line with the cause and a hint, the documented exit code, and nothing left behind."""

import resource
from pathlib import Path

import pytest

from harness.tests.tiny_suite import HEAD, SCENARIO, Ended, TinySuite

MISUSE = 3


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A green suite."""
    return TinySuite(tmp_path)


def assert_one_line(ended: Ended, told: str) -> None:
    """Misuse, said in one line that names the cause, with a hint."""
    assert ended.code == MISUSE
    assert told in ended.err
    assert "Hint: " in ended.err
    assert len(ended.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("features/tiny.feature", HEAD + SCENARIO + "    Nonsense\n", "features/tiny.feature is not a feature file"),
        ("features/tiny.feature", "", "features/tiny.feature holds no feature"),
        ("target.py", "1 / 0\n", "the target file target.py fails (ZeroDivisionError"),
        ("target.py", "driver = \n", "the target file target.py fails (SyntaxError"),
        ("target.py", "", "target.py defines no `driver`"),
        ("target.py", "class driver:\n    name = 'a'\n    gaps = ()\n", "lacks repairs, own_environment, settings"),
    ],
)
def test_a_malformed_file_is_named(suite: TinySuite, name: str, content: str, told: str) -> None:
    """A feature, a target: which file, and what is wrong with it."""
    suite.write(name, content)
    assert_one_line(suite.run(), told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--source", "features"), "features holds no package omoi_os"),
        (("--source", "nowhere"), "nowhere is not a folder"),
        (("--python", "/bin/false"), "/bin/false is no Python 3.10 or newer"),
        (("--python", "target.py"), "target.py is no Python interpreter"),
        (("--python", "/nowhere/python"), "/nowhere/python is no Python interpreter"),
        (("--target", "unheard-of"), "there is no target unheard-of"),
        (("--target", "nowhere.py"), "there is no target nowhere.py"),
        (("--only", "REQ-TINY-009"), "the suite has no REQ-TINY-009"),
        (("--profile", "soft"), "there is no profile soft"),
        (("--services", "cloud"), "there are no such services"),
        (("--services", "redis://cache:6379/0"), "takes one URL of PostgreSQL and one of Redis"),
        (("--shard", "3/2"), "3/2 is no shard"),
        (("--seed", "lucky"), "Invalid value for '--seed'"),
        (("--suite", "features"), "features is no suite"),
        (("--surprise",), "--surprise"),
    ],
    ids=" ".join,
)
def test_a_wrong_word_is_misuse(suite: TinySuite, words: tuple[str, ...], told: str) -> None:
    """Nothing runs, and no folder of a run is begun."""
    assert_one_line(suite.run(*words), told)
    assert not suite.out.exists()
    assert suite.left_over == ()


@pytest.mark.parametrize("seed", ["0", "-1", "123456789012345678901234567890"])
def test_any_whole_number_is_a_seed(suite: TinySuite, seed: str) -> None:
    """And it stands in the report, to be given again."""
    assert suite.run("--seed", seed).code == 0
    assert suite.report["run"]["seed"] == int(seed)


def test_a_folder_that_cannot_be_written_is_named(suite: TinySuite) -> None:
    """Not even root may make a folder below a file."""
    assert_one_line(suite.run("--out", "target.py/out"), "target.py/out")


def test_a_full_disk_keeps_what_was_seen(suite: TinySuite) -> None:
    """Writing fails in the middle of a line: the cause is told, and what was written still reads as cut short."""
    suite.out.mkdir()
    process = suite.start(*suite.order)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, 1))
    _, err = process.communicate(timeout=60)
    assert process.returncode == MISUSE
    assert "File too large" in err
    assert len(err.strip().splitlines()) == 1
    assert suite.left_over == ()


@pytest.mark.parametrize("command", ["report", "gate"])
@pytest.mark.parametrize("content", [None, "", "{}\n", "not evidence\n"])
def test_a_file_that_is_no_evidence_is_refused(suite: TinySuite, command: str, content: str | None) -> None:
    """Missing, empty or of another kind."""
    if content is not None:
        suite.write("evidence.jsonl", content)
    assert_one_line(suite.conform(command, "evidence.jsonl"), "evidence")
