"""The command's words become objects, and its exit codes are the documented ones."""

import hashlib
from pathlib import Path

import pytest

from harness import source
from harness.tests.tiny_suite import TinySuite


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A green suite."""
    return TinySuite(tmp_path)


def test_evidence_opens_the_gate_of_its_build_alone(suite: TinySuite) -> None:
    """A whole green run is admitted with its own digest, refused with another, an empty or a stale one."""
    assert suite.run().code == 0
    gate = ("gate", str(suite.evidence))
    built = source.digest(suite.folder / "platform")
    assert suite.conform(*gate, "--expect-digest", built, "--max-age", "1h").code == 0
    for words in (("--expect-digest", "e" * 64), ("--expect-digest", ""), ("--max-age", "0m")):
        assert suite.conform(*gate, *words).code == 2


def test_a_report_can_be_rendered_again(suite: TinySuite) -> None:
    """From the evidence alone, with the same decision, in every format."""
    suite.run()
    names = {"report.json", "report.html", "report.md", "junit.xml"}
    before = (suite.evidence.parent / "report.json").read_bytes()
    for name in names:
        (suite.evidence.parent / name).unlink()
    assert suite.conform("report", str(suite.evidence)).code == 0
    assert names <= {path.name for path in suite.evidence.parent.iterdir()}
    assert (suite.evidence.parent / "report.json").read_bytes() == before


@pytest.mark.parametrize("words", ["24", "h", "-1h", "1.5h", "²h", "9999999h", ""])
def test_an_age_that_is_none_is_misuse(suite: TinySuite, words: str) -> None:
    """An age has a number and a unit; whatever else it is, it does not open a gate."""
    suite.run()
    ended = suite.conform("gate", str(suite.evidence), "--max-age", words)
    assert ended.code == 3
    assert "is no duration" in ended.err


def test_two_runs_at_once_disturb_nothing(suite: TinySuite) -> None:
    """Each has a folder of its own, and `latest` names one of them."""
    first, second = suite.start(*suite.order), suite.start(*suite.order)
    for process in (first, second):
        process.communicate(timeout=60)
        assert process.returncode == 0
    folders = sorted(path.name for path in suite.out.iterdir() if not path.is_symlink())
    assert len(folders) == 2
    assert (suite.out / "latest").resolve().name in folders


@pytest.mark.parametrize(("folder", "said"), [("nowhere", "is not a folder"), ("features", "holds no package omoi_os")])
def test_a_baseline_that_is_no_platform_is_misuse(suite: TinySuite, folder: str, said: str) -> None:
    """The option is named, and nothing is judged."""
    ended = suite.run("--baseline", str(suite.folder / folder))
    assert ended.code == 3
    assert said in ended.err
    assert "--baseline names the folder" in ended.err
    assert not suite.out.exists()


def test_a_baseline_is_named_again_by_whoever_repeats_a_check(suite: TinySuite) -> None:
    """Relative to the suite where it lies below it."""
    suite.write("before/omoi_os/__init__.py", "")
    assert suite.run("--baseline", str(suite.folder / "before")).code == 0
    assert "--baseline before" in suite.report["requirements"][0]["criteria"][0]["checks"][0]["reproduce"]


def test_the_digest_is_of_paths_and_bytes(suite: TinySuite) -> None:
    """A renamed, an emptied, a linked file: each makes another build; caches do not."""
    root = suite.folder / "platform"
    seen = [source.digest(root)]
    (root / "omoi_os" / "__pycache__").mkdir()
    (root / "omoi_os" / "__pycache__" / "a.pyc").write_bytes(b"1")
    assert source.digest(root) == seen[0]
    (root / "a").write_text("bc")
    seen.append(source.digest(root))
    (root / "a").rename(root / "ab")
    seen.append(source.digest(root))
    (root / "ab").write_text("c")
    seen.append(source.digest(root))
    (root / "shared").symlink_to(suite.folder / "fixtures")
    seen.append(source.digest(root))
    suite.write("fixtures/ruler.py", "")
    seen.append(source.digest(root))
    assert len(set(seen)) == len(seen)
    assert len(seen[0]) == hashlib.sha256().digest_size * 2


def test_links_in_a_circle_end(suite: TinySuite) -> None:
    """A linked folder is walked once."""
    (suite.folder / "platform" / "omoi_os" / "self").symlink_to(suite.folder / "platform")
    assert len(source.digest(suite.folder / "platform")) == 64
