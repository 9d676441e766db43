"""A child process of ours or of the platform that cannot outlive the run, block on its output, or leak a secret."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import Self

from harness.errors import ConformError
from harness.redaction import redact
from harness.services import janitor
from harness.services.account import group_of
from harness.services.log import BoundedLog
from harness.services.workspace import Workspace

PUMP_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


class ProgramDidNotStart(ConformError):
    """The operating system refused to run a program at all."""

    code = "program-did-not-start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to run a program: `env` is its whole environment, `user` an account to run it as when we are root.

    `stop_signal` asks it to end; `orphan_signal` is what it gets when its owner is gone.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    user: str | None = None
    secrets: tuple[str, ...] = ()
    stop_signal: Signals = signal.SIGTERM
    orphan_signal: Signals = signal.SIGKILL


class Program:
    """A running program in a session of its own, whose output is read as it comes and kept in bounds."""

    def __init__(self, launch: Launch, workspace: Workspace, *, popen: subprocess.Popen[bytes]) -> None:
        self.launch = launch
        self.log = BoundedLog()
        self._workspace = workspace
        self._popen = popen
        self._pump = threading.Thread(target=_pump, args=(popen, self.log), daemon=True, name=f"log of {popen.pid}")
        self._pump.start()

    @classmethod
    def start(cls, launch: Launch, workspace: Workspace) -> Self:
        """Run it, registered with the run; raises ProgramDidNotStart when it cannot be executed."""
        try:
            popen = _spawn(launch, workspace)
        except (OSError, subprocess.SubprocessError) as error:
            raise ProgramDidNotStart(
                f"{Path(launch.argv[0]).name} could not be run",
                causes=(redact(str(error), launch.secrets),),
                hint=f"Check that {launch.argv[0]} exists and may be executed.",
            ) from error
        program = cls(launch, workspace, popen=popen)
        try:
            workspace.register(popen.pid, signum=launch.orphan_signal, bury=program.bury)
        except OSError:
            # Nobody would end it for us: a full disk must not leak a server.
            program.kill()
            raise
        return program

    @property
    def pid(self) -> int:
        """Number of the process and of its group."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it runs, paused or not."""
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def output(self) -> str:
        """What it wrote to standard output and error, beginning and end, without secrets."""
        return self.log.text(self.launch.secrets)

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines it wrote, blank ones left out, without secrets."""
        written = [line.rstrip() for line in self.output().splitlines() if line.strip()]
        return tuple(written[-lines:]) if lines > 0 else ()

    def await_words(self, words: str, seconds: float) -> bool:
        """Wait until it has written these words; False when it ended or so many seconds passed without them."""
        written = janitor.await_true(lambda: not self.alive or words in self.output(), seconds)
        return written and self.alive

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and return its exit code; None when it still runs after so many seconds."""
        code = self._await_end(seconds)
        if code is not None:
            # A descendant may hold the pipe open for longer than the program lived.
            self._pump.join(PUMP_SECONDS)
        return code

    def stop(self, grace_seconds: float = 5.0) -> int:
        """Ask it to end, then kill it and all its descendants; returns its exit code."""
        kin = janitor.family(self.pid) if self.alive else ()
        if kin or self.alive:
            self._send(self.launch.stop_signal)
            janitor.strike(kin, signal.SIGCONT)
            self._await_end(grace_seconds)
        return self._end(kin)

    def kill(self) -> int:
        """End it and all its descendants at once, as a crash of the machine would."""
        return self.aim()()

    def aim(self) -> Callable[[], int]:
        """Look up now whom to kill; what is given back kills them at once, with nothing to look up first."""
        kin = janitor.family(self.pid) if self.alive else ()
        return lambda: self._end(kin)

    def pause(self) -> None:
        """Freeze it and its descendants; connections stay open and nobody answers."""
        self._send(signal.SIGSTOP)
        janitor.strike(janitor.family(self.pid), signal.SIGSTOP)

    def resume(self) -> None:
        """Let it and its descendants go on."""
        janitor.strike(janitor.family(self.pid), signal.SIGCONT)
        self._send(signal.SIGCONT)

    def bury(self) -> int:
        """Take note of an end that somebody else brought about; returns the exit code."""
        code = self._popen.wait(janitor.FINAL_SECONDS)
        self._pump.join(PUMP_SECONDS)
        return code

    def _await_end(self, seconds: float) -> int | None:
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _end(self, kin: tuple[janitor.Kin, ...]) -> int:
        if self.alive:
            self._send(signal.SIGKILL)
        janitor.end_kin(kin)
        code = self.bury()
        self._workspace.release(self.pid)
        return code

    def _send(self, signum: Signals) -> None:
        if self.alive:
            os.killpg(self.pid, signum)


def _spawn(launch: Launch, workspace: Workspace) -> subprocess.Popen[bytes]:
    as_root = launch.user is not None and os.geteuid() == 0
    return subprocess.Popen(
        launch.argv,
        cwd=launch.cwd,
        env={**launch.env, janitor.MARK: str(workspace.folder)},
        user=launch.user if as_root else None,
        group=group_of(launch.user) if launch.user and as_root else None,
        extra_groups=[] if as_root else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_owner(launch.orphan_signal),  # noqa: PLW1509 - no other way to ask for the signal
    )


def _die_with_owner(signum: Signals) -> Callable[[], None] | None:
    """What the child does after it changed its user, since that change would forget the request."""
    # Linux counts the thread that forked as the parent: a child of a passing thread would die with it.
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return None
    prctl = ctypes.CDLL(None).prctl
    owner = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
        if os.getppid() != owner:
            os._exit(1)

    return ask


def _pump(popen: subprocess.Popen[bytes], log: BoundedLog) -> None:
    if popen.stdout is None:
        return
    with popen.stdout as stream:
        while chunk := os.read(stream.fileno(), 64 * 1024):
            log.feed(chunk)
