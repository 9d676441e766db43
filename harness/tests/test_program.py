"""Programs end when they must, and their output neither blocks, nor floods, nor tells secrets."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.services import janitor
from harness.services.log import BoundedLog
from harness.services.program import Launch, Program, ProgramDidNotStart
from harness.services.workspace import Workspace

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""
SECONDS = 20.0


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A run's folder, gone after the test."""
    with Workspace.open() as opened:
        yield opened


def run(workspace: Workspace, code: str, *, secrets: tuple[str, ...] = ()) -> Program:
    """Start a Python program."""
    argv = (sys.executable, "-c", code)
    return Program.start(Launch(argv=argv, cwd=workspace.folder, env={}, secrets=secrets), workspace)


def await_line(program: Program) -> str:
    """The last line a program wrote, once it wrote one."""
    assert janitor.await_true(lambda: bool(program.tail(1)), SECONDS)
    return program.tail(1)[0]


def test_a_program_that_ends_tells_its_code_and_words(workspace: Workspace) -> None:
    """Exit code and output of a program that ended by itself are there."""
    program = run(workspace, "print('last words'); raise SystemExit(7)")
    assert program.wait(SECONDS) == 7
    assert not program.alive
    assert program.tail(1) == ("last words",)


def test_a_program_that_obeys_is_stopped_at_once(workspace: Workspace) -> None:
    """A polite request suffices for a program that listens."""
    program = run(workspace, SLEEPER)
    await_line(program)
    assert program.stop(SECONDS) == -signal.SIGTERM


def test_a_program_that_ignores_the_request_is_killed(workspace: Workspace) -> None:
    """After its time of grace a program is killed."""
    program = run(workspace, STUBBORN)
    await_line(program)
    assert program.stop(0.2) == -signal.SIGKILL


def test_a_paused_program_can_be_stopped(workspace: Workspace) -> None:
    """A frozen program hears the request to end."""
    program = run(workspace, SLEEPER)
    await_line(program)
    program.pause()
    assert program.alive
    assert program.stop(SECONDS) == -signal.SIGTERM


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_descendants_in_another_session_end_with_the_program(workspace: Workspace, verb: str) -> None:
    """A child that left the process group does not survive."""
    program = run(workspace, PARENT)
    child = int(await_line(program))
    assert janitor.birth(child)
    getattr(program, verb)()
    assert not janitor.birth(child)


def test_descendants_freeze_and_go_on_with_the_program(workspace: Workspace) -> None:
    """Pausing reaches a child that left the process group, and so does resuming."""
    program = run(workspace, PARENT)
    child = int(await_line(program))
    program.pause()
    assert janitor.await_true(lambda: state_of(child) == "T", SECONDS)
    program.resume()
    assert janitor.await_true(lambda: state_of(child) == "S", SECONDS)


def state_of(pid: int) -> str:
    """One letter for what the process does, as the kernel states it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_stopped_program_is_no_longer_registered(workspace: Workspace) -> None:
    """The register names only what may still run."""
    program = run(workspace, SLEEPER)
    assert [entry.pid for entry in janitor.read_register(workspace.folder)] == [program.pid]
    program.stop()
    assert janitor.read_register(workspace.folder) == ()


def test_a_program_started_on_a_passing_thread_survives_that_thread(workspace: Workspace) -> None:
    """The signal at the owner's death is not mistaken for one at the death of a thread."""
    started: list[Program] = []
    thread = threading.Thread(target=lambda: started.append(run(workspace, SLEEPER)))
    thread.start()
    thread.join()
    await_line(started[0])
    assert started[0].alive


def test_a_program_that_does_not_exist_is_refused_with_a_hint(workspace: Workspace) -> None:
    """What cannot be executed is an error that names it."""
    with pytest.raises(ProgramDidNotStart, match="no-such-program") as caught:
        Program.start(Launch(argv=("/no-such-program",), cwd=workspace.folder, env={}), workspace)
    assert "/no-such-program" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
def test_a_program_of_another_user_has_none_of_our_groups(workspace: Workspace) -> None:
    """A program run as `nobody` keeps neither our user nor our groups."""
    ours = os.getgroups()
    code = "import os; print(os.getuid() == 0 or os.getgid() == 0 or 0 in os.getgroups())"
    argv = ("/usr/bin/env", "python3", "-c", code)
    env = {"PATH": "/usr/bin:/bin"}
    os.setgroups([0])
    try:
        program = Program.start(Launch(argv=argv, cwd=Path("/"), env=env, user="nobody"), workspace)
    finally:
        os.setgroups(ours)
    program.wait(SECONDS)
    assert program.tail(1) == ("False",)


def test_a_flood_neither_blocks_the_program_nor_fills_memory(workspace: Workspace) -> None:
    """Beginning and end of 64 MiB are kept, the rest is counted."""
    code = "import sys\nprint('first')\nfor _ in range(1024): sys.stdout.write('x' * 65535 + '\\n')\nprint('last')"
    program = run(workspace, code)
    assert program.wait(SECONDS) == 0
    text = program.output()
    assert text.startswith("first\n")
    assert text.endswith("last\n")
    assert len(text) < 200_000
    assert program.log.dropped > 60 * 1024 * 1024


def test_secrets_and_passwords_are_never_shown(workspace: Workspace) -> None:
    """Neither a secret, plain or encoded, nor a password in a URL reaches the tail."""
    code = "print('key s3cr/et, s3cr%2Fet, redis://:pw@h:1/0, postgresql+psycopg://me:other@h/db')"
    program = run(workspace, code, secrets=("s3cr/et",))
    program.wait(SECONDS)
    assert program.tail(1) == ("key ***, ***, redis://:***@h:1/0, postgresql+psycopg://me:***@h/db",)


def test_half_a_secret_at_the_gap_is_not_shown() -> None:
    """A secret cut in two where the log was cut is not shown in halves."""
    secret = "".join(map(chr, range(97, 113)))
    for before in range(600, 1060):
        log = BoundedLog(keep=1024)
        log.feed(b"-" * before + secret.encode() + b"-" * 2000 + secret.encode() + b"-" * before)
        shown = log.text((secret,))
        assert not any(secret[at : at + 4] in shown for at in range(len(secret) - 3)), shown
