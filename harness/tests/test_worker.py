"""The worker answers from the platform's own Python, and nothing that the platform does corrupts or outlives it."""

import sys
import time
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from harness.errors import CannotTell, PlatformMisbehaved
from harness.interpreter import client, imports, scan
from harness.interpreter.client import Worker
from harness.interpreter.protocol import WorkerRefused
from harness.interpreter.scan import SCAN, Scan
from harness.tests import trees

ANY: TypeAdapter[object] = TypeAdapter(object)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source root in which nothing is wrong."""
    laid = trees.lay("harmless", tmp_path)
    (laid / "platforms_own.py").write_text(
        "def refuse():\n    raise ValueError('not today')\ndef leave():\n    raise SystemExit(3)\n"
        "def use():\n    import halfway\n"
    )
    return laid


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worker folder of the real loop and a module of commands that misbehave as a platform may."""
    folder = tmp_path / "worker"
    folder.mkdir()
    for name in ("__main__.py", "lifeline.py", "blame.py", "failures.py"):
        (folder / name).write_bytes((client.FOLDER / name).read_bytes())
    (folder / "naughty.py").write_text(
        "import os, sys, time\n"
        "def refuse():\n    import platforms_own\n    platforms_own.refuse()\n"
        "def leave():\n    import platforms_own\n    platforms_own.leave()\n"
        "def use():\n    import platforms_own\n    platforms_own.use()\n"
        "def die():\n    os._exit(7)\n"
        "def hang():\n    time.sleep(60)\n"
        "def optimised():\n    return sys.flags.optimize\n"
        "def path():\n    return sys.path[0]\n"
        "def shout():\n    os.write(1, b'{}\\n' * 500_000)\n    print('x' * 5_000_000)\n    return sys.stdin.read()\n"
        "def fork():\n    pid = os.fork()\n    (time.sleep(60), os._exit(0)) if not pid else None\n    return pid\n"
    )
    monkeypatch.setattr(client, "FOLDER", folder)
    return folder


def test_what_the_platform_prints_is_no_answer(commands: Path, source: Path) -> None:
    """A flood on stdout and stderr, and a read of stdin, leave the channel as it was."""
    assert commands
    with trees.worker(source) as worker:
        assert worker.call("naughty.shout", ANY, deadline=30) == ""
        assert worker.call("naughty.path", ANY, deadline=5) == str(source)


@pytest.mark.parametrize(("command", "kind"), [("naughty.refuse", "ValueError"), ("naughty.leave", "SystemExit")])
def test_what_the_platform_raises_is_its_misbehaviour(commands: Path, source: Path, command: str, kind: str) -> None:
    """The error carries type, message and place, and the worker goes on."""
    assert commands
    with trees.worker(source) as worker:
        with pytest.raises(PlatformMisbehaved) as caught:
            worker.call(command, ANY, deadline=5)
        assert isinstance(caught.value, WorkerRefused)
        assert (caught.value.operation, caught.value.failure.type) == (command, kind)
        assert caught.value.failure.frames[-1].file == str(source / "platforms_own.py")
        assert worker.call("naughty.optimised", ANY, deadline=5) == 0


@pytest.mark.parametrize(
    ("command", "words"), [("naughty.die", "ended"), ("naughty.hang", "did not answer within 0.5 s")]
)
def test_a_worker_that_dies_or_hangs_cannot_tell(commands: Path, source: Path, command: str, words: str) -> None:
    """The worker is gone afterwards, and says so instead of waiting."""
    assert commands
    with trees.worker(source) as worker:
        with pytest.raises(CannotTell, match=words):
            worker.call(command, ANY, deadline=0.5)
        with pytest.raises(CannotTell, match="is gone"):
            worker.call("naughty.path", ANY, deadline=5)


def test_assertions_stay_on(commands: Path, source: Path) -> None:
    """PYTHONOPTIMIZE of the caller does not reach the platform."""
    assert commands
    with Worker(sys.executable, source, env={"PYTHONOPTIMIZE": "2"}) as worker:
        assert worker.call("naughty.optimised", ANY, deadline=5) == 0


def test_nothing_outlives_the_worker(commands: Path, source: Path) -> None:
    """A child that the platform forked is ended with the worker."""
    assert commands
    with trees.worker(source) as worker:
        forked = TypeAdapter(int).validate_python(worker.call("naughty.fork", ANY, deadline=5))
        assert Path(f"/proc/{forked}").exists()
    assert _ended_within(forked, seconds=5)


@pytest.mark.parametrize("command", ["nowhere.read", "scan.nothing", "__main__.serve", "scan.__doc__", "os.getcwd", ""])
def test_only_functions_of_the_worker_folder_are_commands(source: Path, command: str) -> None:
    """Any other name is refused as our own mistake."""
    with trees.worker(source) as worker, pytest.raises(CannotTell, match="no command called"):
        worker.call(command, ANY, deadline=5)


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/true", "/bin/ls", "/bin/cat"])
def test_a_program_that_is_no_python_cannot_tell(source: Path, python: str) -> None:
    """The reason names the program."""
    with pytest.raises(CannotTell, match=python), Worker(python, source, env={}):
        pass


def test_a_python_that_is_too_old_cannot_tell(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version found is named."""
    monkeypatch.setattr(client, "OLDEST", (99, 0))
    with pytest.raises(CannotTell, match="is Python 3"), trees.worker(source):
        pass


def test_an_answer_of_another_shape_cannot_tell(source: Path) -> None:
    """Both halves must fit together before anything follows."""
    with trees.worker(source) as worker, pytest.raises(CannotTell, match="another shape"):
        worker.call("scan.read", TypeAdapter(int), deadline=10, package="omoi_os")


@pytest.mark.parametrize(
    "content", ["import a_giant_from_nowhere\n", "raise ImportError('no wrapper')\n", "from json import nothing\n"]
)
def test_a_dependency_that_does_not_import_is_not_the_platforms_fault(
    content: str, commands: Path, source: Path, tmp_path: Path
) -> None:
    """It was installed without what it needs itself, whatever that is."""
    assert commands
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (packages / "halfway.py").write_text(content)
    with (
        Worker(sys.executable, source, env={"PYTHONPATH": str(packages)}) as worker,
        pytest.raises(CannotTell, match="an installed dependency does not import here"),
    ):
        worker.call("naughty.use", ANY, deadline=5)


def test_what_a_dependency_looks_for_in_the_platform_is_the_platforms(
    commands: Path, source: Path, tmp_path: Path
) -> None:
    """As a loader that is given the name of a module."""
    assert commands
    packages = tmp_path / "site-packages"
    packages.mkdir()
    (packages / "halfway.py").write_text("import omoi_os.nothing\n")
    with (
        Worker(sys.executable, source, env={"PYTHONPATH": str(packages)}) as worker,
        pytest.raises(WorkerRefused, match=r"omoi_os\.nothing"),
    ):
        worker.call("naughty.use", ANY, deadline=5)


def test_a_folder_without_the_package_cannot_tell(tmp_path: Path) -> None:
    """There is nothing to scan, which is not the platform's doing."""
    with trees.worker(tmp_path) as worker, pytest.raises(CannotTell, match="no package omoi_os"):
        scan.read(worker)


def test_several_modules_that_hang_end_the_examination(tmp_path: Path) -> None:
    """A hung module costs a few deadlines, not one for every module that imports it."""
    source = trees.lay("module-hangs-at-import", tmp_path)
    for number in range(40):
        (source / "omoi_os" / f"waits{number}.py").write_text("import omoi_os.services.event_bus\n")
    with trees.worker(source) as worker:
        found = imports.examine(worker, scan.read(worker), identity="CostTrackingService", deadline=0.5)
    assert sum(report.failure is not None for report in found.reports) >= 4
    assert len(found.reports) < 50


def test_a_scan_survives_the_channel(source: Path) -> None:
    """What the worker sends is what the types say, both ways."""
    found = trees.scanned(source)
    assert SCAN.validate_json(SCAN.dump_json(found)) == found
    assert isinstance(found, Scan)


def _ended_within(pid: int, *, seconds: float) -> bool:
    """Whether a program is gone, or at least dead and waiting to be reaped by somebody else."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if ") Z" in Path(f"/proc/{pid}/stat").read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False
