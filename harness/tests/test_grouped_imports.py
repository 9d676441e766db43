"""Modules that begin alike are imported from a common start, and nobody sees it: each still is the first of its own."""

from pathlib import Path

import pytest

from harness.interpreter import imports, scan
from harness.interpreter.imports import ModuleReport
from harness.tests import trees

PACKAGE = "omoi_os/shelf"


def examined(source: Path, **modules: str) -> dict[str, ModuleReport]:
    """What came of importing these modules of a package of their own, by name."""
    folder = source / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    with trees.worker(source) as worker:
        found = imports.examine(worker, scan.read(worker), identity="CostTrackingService", deadline=5.0)
    assert len({report.module for report in found.reports}) == len(found.reports)
    return {report.module.rpartition(".")[2]: report for report in found.reports if ".shelf." in report.module}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source root in which nothing is wrong."""
    return trees.lay("harmless", tmp_path)


def test_what_another_module_leaves_behind_is_not_there(source: Path) -> None:
    """A module that works only after another one is broken, however many begin as it does."""
    found = examined(
        source,
        leaves="import omoi_os.shelf\nomoi_os.shelf.left = 1\n",
        needs="import omoi_os.shelf\nomoi_os.shelf.left\n",
        also_needs="import omoi_os.shelf\nimport omoi_os.shelf.leaves\nomoi_os.shelf.left\n",
    )
    assert found["needs"].failure is not None
    assert found["needs"].failure.type == "AttributeError"
    assert (found["leaves"].failure, found["also_needs"].failure) == (None, None)


def test_a_module_that_meets_itself_is_seen(source: Path) -> None:
    """A circle fails for whoever comes first, as it would in an interpreter of its own."""
    found = examined(
        source,
        first="from omoi_os.shelf.second import TWO\nONE = 1\n",
        second="from omoi_os.shelf.first import ONE\nTWO = 2\n",
        beside="ALONE = 0\n",
    )
    assert {name for name, report in found.items() if report.failure} == {"first", "second"}


def test_what_precedes_an_import_is_not_passed_over(source: Path) -> None:
    """A module that prepares something before it imports is examined as it stands."""
    setting = "import os\nos.environ['SHELF'] = 'ready'\nfrom omoi_os.shelf import late\n"
    found = examined(source, late="import os\nREADY = os.environ['SHELF']\n", prepares=setting, same=setting)
    assert found["late"].failure is not None
    assert (found["prepares"].failure, found["same"].failure) == (None, None)


@pytest.mark.parametrize("end", ["raise SystemExit(0)", "import os; os._exit(0)", "import os; os.abort()"])
def test_a_common_start_that_fails_is_told_of_each_module(source: Path, end: str) -> None:
    """Where the package itself comes to grief, so does each of its modules, by its own word."""
    (source / "omoi_os" / "broken").mkdir()
    (source / "omoi_os" / "broken" / "__init__.py").write_text(end + "\n", encoding="utf-8")
    for name in ("one", "two"):
        (source / "omoi_os" / "broken" / f"{name}.py").touch()
    with trees.worker(source) as worker:
        found = imports.examine(worker, scan.read(worker), identity="CostTrackingService", deadline=5.0)
    failed = {report.module for report in found.reports if report.failure}
    assert failed == {"omoi_os.broken", "omoi_os.broken.one", "omoi_os.broken.two"}


def test_a_thread_that_a_package_started_is_not_missed(source: Path) -> None:
    """It does not live on in a fork, so whoever waits for it there is imported once more in a process of its own."""
    uses = "POOL.submit(len, '').result()\n"
    starts = f"from concurrent.futures import ThreadPoolExecutor\nPOOL = ThreadPoolExecutor(1)\n{uses}"
    (source / "omoi_os" / "pool.py").write_text(starts, encoding="utf-8")
    waits = f"from omoi_os.pool import POOL\n{uses}"
    found = examined(source, __init__="import omoi_os.pool\n", one=waits, two=waits)
    assert [found[name].failure for name in ("one", "two")] == [None, None]


def test_what_only_a_fork_breaks_is_not_held_against_a_module(source: Path) -> None:
    """Whoever dies in a child, and does not where it is the first of a new interpreter, works."""
    dies = "import os, signal, sys\n'fresh.tell' in sys.argv or os.kill(os.getpid(), signal.SIGSEGV)\n"
    found = examined(source, dies=dies, ends="import os\nos._exit(3)\n")
    assert found["dies"].failure is None
    assert found["ends"].failure is not None
    assert found["ends"].failure.type == "Exited"


def test_a_module_that_its_own_package_imports_is_examined_with_the_others(source: Path) -> None:
    """Whoever imports it imports the package first, so that it need not be asked once more by itself."""
    counts = "import pathlib\npathlib.Path('loaded').open('a').write('x')\n"
    found = examined(source, __init__="from omoi_os.shelf import one, two\n", one=counts, two="TWO = 2\n", three="")
    assert {name: report.failure for name, report in found.items()} == {"one": None, "two": None, "three": None}
    # The package by itself, and the group that its modules are.
    assert (source / "loaded").read_text() == "xx"


def test_a_module_that_computes_for_long_does_not_hang(source: Path) -> None:
    """It has several deadlines in its fork, as long as it uses a processor; one that waits has one."""
    here = "import sys, time\nassert 'fresh.tell' not in sys.argv\n"
    computes = f"{here}until = time.process_time() + 6\nwhile time.process_time() < until: pass\n"
    found = examined(source, computes=computes, waits="import time\ntime.sleep(99)\n")
    assert found["computes"].failure is None
    assert found["waits"].failure is not None
    assert found["waits"].failure.message == "still running after 5 s"
