"""Nothing that goes wrong in a Python which a platform does not run on is its fault."""

import sys
from pathlib import Path
from typing import Final

import pytest

from harness.interpreter import fitness
from harness.model import Environment
from harness.tests import seeding
from harness.tests.seeding import REFERENCE, Bench

ONLY: Final = ("REQ-BILL-001", "REQ-BILL-003.1", "REQ-BILL-002.1", "NFR-MAIN-002", "TST-UNIT-001", "CON-API-001")
READ: Final = {"REQ-BILL-001.2", "REQ-BILL-001.3", "REQ-BILL-003.1", "NFR-MAIN-002.1", "NFR-MAIN-002.2"}
NEXT: Final = f"{sys.version_info.major}.{sys.version_info.minor + 1}"


@pytest.mark.parametrize(
    ("asked", "version", "fits"),
    [
        (">=3.12,<3.13", "3.12.1", True),
        (">=3.12,<3.13", "3.11.9", False),
        (">=3.12,<3.13", "3.13.0", False),
        (">=3.14", "3.14.0rc2", False),
        (">=3.12", "3.13.0rc2", True),
        ("==3.12.*", "3.12.7", True),
        (">=3.12", "3.13.0+", True),
        ("whatever", "3.8.1", True),
        ("", "3.8.1", True),
    ],
)
def test_a_python_fits_what_is_asked_for(asked: str, version: str, fits: bool, tmp_path: Path) -> None:
    """Where nobody understands what is asked for, or nothing is, any will do."""
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = "{asked}"\n')
    assert (fitness.unfit(tmp_path, [version]) is None) == fits


@pytest.mark.parametrize("content", ["[project", '[project]\nname = "x"\n', "", "[project]\nrequires-python = 3\n"])
def test_a_project_that_asks_for_nothing_is_held_to_what_stands_around_it(content: str, tmp_path: Path) -> None:
    """The file of the folder around it counts, if there is one."""
    inner = tmp_path / "backend"
    inner.mkdir()
    (inner / "pyproject.toml").write_text(content)
    assert fitness.unfit(inner, ["3.11.2"]) is None
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.12"\n')
    assert "the platform wants Python >=3.12, and this is Python 3.11.2" in str(fitness.unfit(inner, ["3.11.2"]))


def test_every_python_that_may_run_code_must_fit(tmp_path: Path) -> None:
    """The one that was named runs the platform's tests, the ones in containers all else."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.12"\n')
    image = {"platform's Python": "3.12.1 of conform-platform:latest", "examiner's Python": "that of this machine"}
    for named, fits in (("3.13.0", True), ("3.11.2", False)):
        stood = Environment(services="", addresses={}, versions={"python": named, **image}, seed=1, machine="")
        assert stood.pythons == (named, "3.12.1")
        assert (fitness.unfit(tmp_path, stood.pythons) is None) == fits


def test_code_is_read_as_the_nearest_version(tmp_path: Path) -> None:
    """This one's where it fits, else the oldest that does."""
    assert fitness.nearest(tmp_path, "3.11.2") == "3.11"
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nrequires-python = ">=3.12.1,<3.14"\n')
    assert fitness.nearest(tmp_path, "3.11.2") == "3.12"
    assert fitness.nearest(tmp_path, "3.13.1") == "3.13"


def test_code_is_read_by_a_python_that_it_does_not_run_on_and_never_run(tmp_path: Path) -> None:
    """What only needs reading is judged; whatever would run is undetermined, with the reason."""
    source = wanting_more(tmp_path)
    report = seeding.judged(source, Bench(folder=tmp_path, compiled=tmp_path / "compiled"), only=ONLY)
    assert seeding.criteria(report, "conformant").keys() == READ
    assert not seeding.criteria(report, "nonconformant")
    reasons = {why for one in seeding.criteria(report, "undetermined").values() for why in one.because}
    assert reasons
    assert all("the platform wants Python >=" in why for why in reasons), reasons


def test_syntax_that_may_be_newer_is_no_fault(tmp_path: Path) -> None:
    """Where a file cannot be read by a Python that it was not written for, nothing follows from any."""
    source = wanting_more(tmp_path)
    (source / "omoi_os" / "newer.py").write_text("match it with what is to come:\n")
    report = seeding.judged(source, Bench(folder=tmp_path, compiled=tmp_path / "compiled"), only=ONLY[:1])
    assert seeding.criteria(report, "undetermined").keys() == {"REQ-BILL-001.1", "REQ-BILL-001.2", "REQ-BILL-001.3"}


def wanting_more(folder: Path) -> Path:
    """A copy of the reference that says it runs on the next Python, and not on this one."""
    source = seeding.copied(REFERENCE, folder)
    project = source / "pyproject.toml"
    text = project.read_text()
    assert 'requires-python = ">=' in text
    before, _, rest = text.partition('requires-python = "')
    after = rest.partition('"')[2]
    project.write_text(f'{before}requires-python = ">={NEXT}"{after}')
    return source
