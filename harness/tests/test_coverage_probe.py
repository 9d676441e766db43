"""The probe counts what unit tests execute, whatever else runs and whatever the platform's configuration leaves out."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import own_run
from harness.observe.own_run import Order, OwnRun, Stand
from harness.probes import coverage
from harness.probes.coverage import Coverage, Lines, UnitCoverage
from harness.services.workspace import Workspace
from harness.tests import trees

FILE: Final = "omoi_os/services/cost_tracking.py"
MODULE: Final = "omoi_os.services.cost_tracking"
SEEN: Final = f"83.3 %, 15 of 18 lines; not executed: {FILE}:11,24-25"
NEEDED: Final = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The folder of a run."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> OwnRun:
    """One run of unit tests, together with a broader test that is wanted by name."""
    source = trees.lay("lines-partly-covered", workspace.path("whole"))
    return ran(workspace, source, wanted=("test_sum",))


def ran(
    workspace: Workspace, source: Path, *, wanted: tuple[str, ...] = (), deadline: float = own_run.DEADLINE, **env: str
) -> OwnRun:
    """Run the unit tests of a source in our own Python."""
    settings = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(workspace.folder), **env}
    python = str(workspace.path("python")) if env else sys.executable
    stand = Stand(source=source, python=python, env=settings, workspace=workspace)
    return own_run.run(stand, Order(wanted=wanted, measured=coverage.measured(source), deadline=deadline))


def seen(run: OwnRun) -> UnitCoverage:
    """What the probe sees in a run."""
    return Coverage(Journal(), run).of_the_cost_module()


def test_lines_are_counted_that_unit_tests_execute(run: OwnRun) -> None:
    """In any thread, and not by broader tests that run beside them; a test that fails executes lines too."""
    found = seen(run)
    assert (str(found.lines), found.lines.suffices, found.passing) == (SEEN, False, 2)
    assert "3 unit tests: 1 failed, 2 passed" in found.happened
    assert "it is three" in found.happened


def test_what_the_configuration_leaves_out_is_shown(run: OwnRun) -> None:
    """Neither a file that is left out, nor a comment, nor another measurement of lines changes the count."""
    journal = Journal()
    Coverage(journal, run).of_the_cost_module()
    assert journal.readings[0].examined == 18
    observed = [finding.observed for finding in journal.findings]
    assert observed[1:] == [(f"{FILE}: 9-12,14-17,23-25",), ("*/cost_tracking.py",)]
    assert str(observed[0]).startswith("1 of 2, as coverage ")


def moved(source: Path) -> None:
    """Unit tests lie in a folder of another name."""
    (source / "tests" / "unit").rename(source / "tests" / "services")


def marked(source: Path) -> None:
    """Unit tests lie beside others, and are marked."""
    path = source / "tests" / "unit" / "test_prices.py"
    path.write_text(
        f"import pytest\npytestmark = pytest.mark.unit\n{path.read_text(encoding='utf-8')}", encoding="utf-8"
    )
    path.rename(source / "tests" / "test_prices.py")
    (source / "tests" / "unit").rmdir()
    shutil.move(source / "tests" / "integration" / "test_sums.py", source / "tests" / "test_sums.py")


def patterned(source: Path) -> None:
    """The folders of tests are told by a pattern, as pytest allows."""
    with (source / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('testpaths = ["tests/*"]\n')


def namesakes(source: Path) -> None:
    """Two suites, each run by itself, use one name."""
    (source / "tests" / "integration" / "test_sums.py").rename(source / "tests" / "integration" / "test_prices.py")


@pytest.mark.parametrize("change", [moved, marked, patterned, namesakes])
def test_unit_tests_are_known_by_folder_or_mark(
    change: Callable[[Path], None], workspace: Workspace, tmp_path: Path
) -> None:
    """Where no folder and no mark says which they are, all count but the broader ones."""
    source = trees.lay("lines-partly-covered", tmp_path)
    change(source)
    assert str(seen(ran(workspace, source, wanted=("test_sum",))).lines) == SEEN


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("", "no unit test was found"),
        ("import omoi_os.nothing\n", "No module named 'omoi_os.nothing'"),
        ("def test_one(absent) -> None: ...\n", "1 unit tests: 1 errored"),
        ("import os\ndef test_one() -> None:\n    os._exit(7)\n", "ended with code 7"),
    ],
)
def test_without_a_unit_test_that_passes_it_is_told_what_happened(
    tests: str, words: str, workspace: Workspace, tmp_path: Path
) -> None:
    """None collected, all erroring, and a run that a test ended are the platform's."""
    found = seen(ran(workspace, changed(tmp_path, tests)))
    assert found.passing == 0
    assert words in found.happened


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("import pytest\npytest.skip('not here', allow_module_level=True)\n", "1 unit tests skip themselves here"),
        ("import pytest\ndef test_one() -> None:\n    pytest.skip('not here')\n", "1 unit tests skip themselves here"),
        ("import a_dependency_that_is_nowhere\n", "dependency not installed: a-dependency-that-is-nowhere"),
        ("import time\ndef test_one() -> None:\n    time.sleep(99)\n", "ended at its deadline"),
        ("def test_one() -> None:\n    raise ConnectionRefusedError('Connection refused')\n", "is not at hand"),
        (f"import pytest, sys\nsys.modules['{MODULE}'] = pytest\ndef test_one() -> None: ...\n", "not from the source"),
    ],
)
def test_unit_tests_that_cannot_run_here_say_nothing(
    tests: str, words: str, workspace: Workspace, tmp_path: Path
) -> None:
    """What skips itself, lacks what is declared, is ended by us or tests something else is no failure."""
    deadline = 6.0 if "sleep" in tests else own_run.DEADLINE
    source = changed(tmp_path, tests)
    (source / "requirements.txt").write_text("a-dependency-that-is-nowhere\n", encoding="utf-8")
    with pytest.raises(CannotTell, match=words):
        seen(ran(workspace, source, deadline=deadline))


def test_a_module_that_is_not_there_is_not_covered(workspace: Workspace, tmp_path: Path) -> None:
    """There is nothing to measure."""
    source = trees.lay("lines-partly-covered", tmp_path)
    (source / FILE).unlink()
    found = seen(ran(workspace, source))
    assert (found.lines.suffices, found.happened) == (False, f"there is no {FILE} to be tested")


def test_a_python_without_coverage_is_lent_ours(workspace: Workspace, tmp_path: Path) -> None:
    """It counts the same."""
    source = trees.lay("lines-partly-covered", tmp_path)
    (source / "pyproject.toml").unlink()
    python = workspace.path("python")
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    lent = tmp_path / "packages"
    lent.mkdir()
    for name in NEEDED:
        (lent / name).symlink_to(Path(pytest.__file__).parents[1] / name)
    assert str(seen(ran(workspace, source, PYTHONPATH=str(lent))).lines) == SEEN


@pytest.mark.parametrize(("executed", "suffices"), [(90, False), (91, True), (0, False)])
def test_exactly_ninety_percent_is_not_more(executed: int, suffices: bool) -> None:
    """Nothing is rounded."""
    assert Lines(statements=100, executed=executed, missing="", branches=0, taken=0).suffices == suffices


def changed(folder: Path, tests: str) -> Path:
    """The tree with these unit tests instead, or with none."""
    source = trees.lay("lines-partly-covered", folder)
    path = source / "tests" / "unit" / "test_prices.py"
    path.write_text(tests, encoding="utf-8") if tests else path.unlink()
    return source
