"""What examines a platform's code runs in the platform's image too, over the same pipes."""

import signal
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from harness.errors import CannotTell
from harness.interpreter import scan as scanning
from harness.interpreter.client import Worker
from harness.services import janitor
from harness.services.containers import naming, shim
from harness.services.containers.dock import Dock
from harness.services.containers.redis import ContainerRedis
from harness.services.containers.room import ContainerRoom
from harness.services.workspace import Workspace
from harness.tests import engine_room
from harness.tests.engine_room import left_of

SECONDS = 60.0
TREES = Path(__file__).parents[2] / "fixtures" / "miniatures" / "trees"


@pytest.fixture(scope="module")
def dock() -> Generator[Dock]:
    """The network of a run."""
    engine_room.demand()
    with Workspace.open() as opened, Dock.open(opened) as made:
        yield made


def interpreter(dock: Dock) -> str:
    """The program that is the image's Python."""
    program = ContainerRoom(dock).interpreter
    assert program
    return program


def asked(program: str, code: str, *, cwd: Path, env: dict[str, str]) -> str:
    """What a few lines print in there."""
    done = subprocess.run([program, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=SECONDS)  # noqa: PLW1510 - what it printed is looked at
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_is_the_python_of_the_image_in_the_folder_it_is_called_in(dock: Dock, tmp_path: Path) -> None:
    """Not the one of this machine, and the source that lies there is at the same place."""
    (tmp_path / "here.txt").write_text("found")
    code = "import sys, pathlib; print(sys.executable, pathlib.Path('here.txt').read_text(), pathlib.Path.cwd())"
    said = asked(interpreter(dock), code, cwd=tmp_path, env={})
    assert said == f"{ContainerRoom.python} found {tmp_path}"


def test_a_source_cannot_be_written_to(dock: Dock, tmp_path: Path) -> None:
    """Whatever a platform does when it is imported."""
    code = "import pathlib\ntry: pathlib.Path('mark').touch()\nexcept OSError as error: print(error.strerror)"
    assert asked(interpreter(dock), code, cwd=tmp_path, env={}) == "Read-only file system"


def test_addresses_of_the_environment_hold_in_there(dock: Dock) -> None:
    """A server that came later than the program is named by its container, and a setting of ours stays out."""
    program = interpreter(dock)
    server = ContainerRedis.start(dock)
    try:
        env = {"REDIS_URL": server.url, "LD_LIBRARY_PATH": "/ours"}
        code = "import os, redis; redis.Redis.from_url(os.environ['REDIS_URL']).ping(); print(*sorted(os.environ))"
        said = asked(program, code, cwd=dock.workspace.folder, env=env)
    finally:
        server.remove()
    assert "REDIS_URL" in said
    assert "LD_LIBRARY_PATH" not in said


def test_no_value_of_the_environment_stands_on_a_command_line(dock: Dock) -> None:
    """Everyone on this machine can read those."""
    program = interpreter(dock)
    argv = [program, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(argv, env={"DATABASE_URL": "not-for-everyone"}, stdin=subprocess.PIPE) as running:
        assert janitor.await_true(lambda: b"DATABASE_URL" in command_line(running.pid), SECONDS)
        assert b"not-for-everyone" not in command_line(running.pid)
        running.send_signal(signal.SIGKILL)


def command_line(pid: int) -> bytes:
    """The words that a process was started with."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_the_worker_answers_from_there(dock: Dock) -> None:
    """As it does on this machine."""
    program = interpreter(dock)
    with Worker(program, TREES / "cycle-of-three", env={}) as worker:
        scan = scanning.read(worker)
    assert Path(scan.root) == TREES / "cycle-of-three"
    assert scan.modules()


def test_a_worker_that_hangs_does_not_outlive_the_network() -> None:
    """Its client is killed, and its container goes with the lane."""
    engine_room.demand()
    with Workspace.open() as opened:
        with Dock.open(opened) as dock:
            program = interpreter(dock)
            with subprocess.Popen([program, "-c", "import time; time.sleep(600)"], env={}) as running:
                assert janitor.await_true(lambda: len(left_of(str(opened.folder))) == 2, SECONDS)
                running.kill()
        assert left_of(str(opened.folder)) == ()


def test_an_image_that_went_away_is_told(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is to blame for that, and no registry is asked."""
    monkeypatch.setenv(naming.VARIABLE, "conform-never-made-{}:1")
    program = interpreter(dock)
    with (
        pytest.raises(CannotTell, match="ended during start") as refused,
        Worker(program, TREES / "cycle-of-three", env={}),
    ):
        pass
    assert "conform-never-made-platform" in str(refused.value) or "docker" in str(refused.value)


def test_without_the_engine_s_client_there_is_no_such_program(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter of this machine is taken instead, and the report says so."""
    monkeypatch.setattr(shim, "CLIENT", "docker-that-nobody-has")
    assert ContainerRoom(dock).interpreter is None
