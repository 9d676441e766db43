"""The folder of a run and everything that runs for it disappear, however the run ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.errors import ServiceDidNotStart
from harness.services import janitor, workspace
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace

SECONDS = 20.0
SLEEPER = "import time; time.sleep(600)"
# A shell that starts the tests in the background has interrupts ignored, and whatever they start inherits that.
OWNER = """
import json, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace
opened = Workspace.open()
child = '''
import subprocess, sys, time
orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(orphan.pid, flush=True)
time.sleep(600)
'''
program = Program.start(Launch(argv=(sys.executable, "-c", child), cwd=opened.folder, env={}), opened)
while not program.tail(1):
    time.sleep(0.01)
watch = opened._watch.pid
print(json.dumps([str(opened.folder), watch, program.pid, int(program.tail(1)[0])]), flush=True)
time.sleep(600)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Another process of ours that owns a folder, and what runs for it."""

    running: subprocess.Popen[str]
    folder: Path
    janitor: int
    pids: tuple[int, ...]

    @property
    def left(self) -> tuple[int, ...]:
        """Which of its processes still run."""
        return tuple(pid for pid in self.pids if janitor.birth(pid))


@pytest.fixture
def owner() -> Iterator[Owner]:
    """A run in another process, with a program and that program's own child."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        folder, watch, *pids = json.loads(running.stdout.readline())
        yield Owner(running=running, folder=Path(folder), janitor=watch, pids=tuple(pids))
        running.kill()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process of a stranger."""
    with subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True) as stranger:
        yield stranger
        stranger.kill()


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_owner_is_ended_by_a_signal(owner: Owner, signum: signal.Signals) -> None:
    """Programs, their orphans, the folder and the janitor are gone soon after the owner."""
    assert len(owner.left) == 2
    owner.running.send_signal(signum)
    owner.running.wait(SECONDS)
    assert janitor.await_true(lambda: not owner.left and not owner.folder.exists(), SECONDS)
    assert janitor.await_true(lambda: not janitor.birth(owner.janitor), SECONDS)


def test_closing_ends_programs_and_removes_the_folder() -> None:
    """After an orderly end there is no program, no folder and no janitor."""
    with Workspace.open() as opened:
        launch = Launch(argv=(sys.executable, "-c", SLEEPER), cwd=opened.folder, env={})
        program = Program.start(launch, opened)
        watch = next(kin for kin in janitor.census() if kin.parent == os.getpid() and kin.pid != program.pid)
    assert not program.alive
    assert not opened.folder.exists()
    assert not janitor.birth(watch.pid)


def test_a_stranger_with_a_registered_number_is_spared(sleeper: subprocess.Popen[bytes]) -> None:
    """A number that now belongs to another process is not signalled."""
    with Workspace.open() as opened:
        opened.register(sleeper.pid)
        (opened.path(janitor.REGISTER) / str(sleeper.pid)).write_text(f"{int(signal.SIGKILL)} 1")
    assert sleeper.poll() is None


def test_a_registered_process_is_ended(sleeper: subprocess.Popen[bytes]) -> None:
    """The twin of the spared stranger: with its true start it is ended."""
    with Workspace.open() as opened:
        opened.register(sleeper.pid)
    assert sleeper.wait(SECONDS) == -signal.SIGKILL


def test_a_lane_ends_its_own_and_leaves_the_folder() -> None:
    """Who adopts a folder ends what it registered, not the folder nor what others registered."""
    with Workspace.open() as opened:
        launch = Launch(argv=(sys.executable, "-c", SLEEPER), cwd=opened.folder, env={})
        parents = Program.start(launch, opened)
        with Workspace.adopt(opened.folder) as lane:
            lanes = Program.start(launch, lane)
        assert not lanes.alive
        assert parents.alive
        assert opened.folder.exists()


def test_what_a_lane_registered_ends_with_the_run() -> None:
    """A lane that forgot to close leaves nothing once its run is closed."""
    with Workspace.open() as opened:
        launch = Launch(argv=(sys.executable, "-c", SLEEPER), cwd=opened.folder, env={})
        program = Program.start(launch, Workspace.adopt(opened.folder))
    assert not program.alive


def test_the_folder_may_be_entered_by_all_and_its_register_by_us_alone() -> None:
    """Services of another user reach their data; nobody else can name processes to end."""
    with Workspace.open() as opened:
        assert opened.folder.stat().st_mode & 0o777 == 0o755
        assert opened.path(janitor.REGISTER).stat().st_mode & 0o777 == 0o700
        assert opened.folder.name.startswith(f"conform-{os.getpid()}-")


def test_two_folders_of_one_process_disturb_nothing() -> None:
    """Closing one run leaves the other's folder and program alone."""
    with Workspace.open() as one:
        launch = Launch(argv=(sys.executable, "-c", SLEEPER), cwd=one.folder, env={})
        program = Program.start(launch, one)
        with Workspace.open() as other:
            assert other.folder != one.folder
        assert program.alive
        assert one.folder.exists()


def test_a_folder_whose_owner_and_janitor_were_killed_is_stale_and_cleaned(owner: Owner) -> None:
    """With both gone the folder is found, and cleaning ends what still runs for it."""
    os.kill(owner.janitor, signal.SIGKILL)
    owner.running.kill()
    owner.running.wait(SECONDS)
    assert owner.folder in workspace.stale_workspaces()
    assert owner.folder in workspace.clean_stale()
    assert not owner.left
    assert not owner.folder.exists()


def test_the_folder_of_a_running_owner_is_not_stale(owner: Owner) -> None:
    """Cleaning does not touch a run that goes on."""
    assert owner.folder not in workspace.stale_workspaces()


def test_a_folder_whose_number_was_given_to_a_stranger_is_stale(owner: Owner) -> None:
    """A process that merely has the owner's number does not keep a folder alive."""
    (owner.folder / workspace.OWNER).write_text("1")
    assert owner.folder in workspace.stale_workspaces()


def test_a_link_of_that_name_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link dressed as an old run is not taken for one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "precious").mkdir()
    (tmp_path / "conform-4194999-abcd").symlink_to(tmp_path / "precious")
    (tmp_path / "conform-4194998-abcd").mkdir()
    assert workspace.stale_workspaces() == (tmp_path / "conform-4194998-abcd",)


def test_a_place_that_is_no_folder_is_refused_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder can be made the error says where and what to do."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(ServiceDidNotStart, match="TMPDIR"):
        Workspace.open()


def test_a_janitor_that_does_not_start_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without somebody to remove it later, the folder is removed at once."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    with pytest.raises(ServiceDidNotStart, match="absent"):
        Workspace.open()
    assert list(tmp_path.iterdir()) == []
