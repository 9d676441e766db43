"""The folder of one run, which disappears with all its processes when the run ends, even when it is killed."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, Signals
from types import TracebackType
from typing import Self

from harness.errors import ServiceDidNotStart
from harness.services import janitor

PREFIX = "conform-"
OWNER = "owner"


class Workspace:
    """A temporary folder and the register of what runs for it; a janitor watches over both."""

    def __init__(self, folder: Path, *, watch: subprocess.Popen[bytes] | None = None) -> None:
        self.folder = folder
        self._watch = watch
        self._registered: dict[int, Callable[[], object]] = {}

    @classmethod
    def open(cls) -> Self:
        """Make the folder of a new run, open to be traversed by `nobody`, and start its janitor."""
        try:
            folder = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            return cls(folder, watch=_furnish(folder))
        except OSError as error:
            raise ServiceDidNotStart(
                "this run could not be given a folder with a janitor",
                causes=(str(error),),
                hint="Free some space there, or point TMPDIR to a folder that may be written.",
            ) from error

    @classmethod
    def adopt(cls, folder: Path) -> Self:
        """Use the folder of the run that started us: what we register there ends with that run at the latest."""
        (folder / janitor.REGISTER).mkdir(mode=0o700, exist_ok=True)
        return cls(folder)

    def path(self, name: str) -> Path:
        """Where a file or folder of this name lies in the run's folder; it is not made."""
        return self.folder / name

    def make_folder(self, label: str) -> Path:
        """Make a folder of our own, also when several processes ask for the same label."""
        return Path(tempfile.mkdtemp(prefix=f"{label}-", dir=self.folder))

    def register(self, pid: int, *, signum: Signals = SIGKILL, bury: Callable[[], object] = lambda: None) -> None:
        """Have this process group ended with the run: by `signum`, then, if that is not enough, by SIGKILL.

        `bury` is called when closing has ended it, so that whoever started it can take note.
        """
        entry = self.folder / janitor.REGISTER / str(pid)
        entry.write_text(f"{int(signum)} {janitor.birth(pid)}")
        self._registered[pid] = bury

    def release(self, pid: int) -> None:
        """Forget a process group that has ended."""
        (self.folder / janitor.REGISTER / str(pid)).unlink(missing_ok=True)
        self._registered.pop(pid, None)

    def close(self) -> None:
        """End what was registered here; the owner also removes the folder and lets the janitor go."""
        if self._watch is None:
            entries = janitor.read_register(self.folder)
            janitor.end_registered(self.folder, (one for one in entries if one.pid in self._registered))
        else:
            janitor.sweep(self.folder)
            self._watch.communicate(timeout=30)
        for bury in self._registered.values():
            bury()
        self._registered.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def stale_workspaces() -> tuple[Path, ...]:
    """Folders of runs of this user whose owner is gone; their janitor must have been killed too."""
    folders = sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}[0-9]*-*"))
    return tuple(folder for folder in folders if _is_stale(folder))


def clean_stale() -> tuple[Path, ...]:
    """End and remove what such runs left; returns the folders that are gone."""
    stale = stale_workspaces()
    for folder in stale:
        janitor.sweep(folder)
    return tuple(folder for folder in stale if not folder.exists())


def _furnish(folder: Path) -> subprocess.Popen[bytes]:
    """Put into the folder what a run's folder holds, and start its janitor; without one nothing of it stays."""
    try:
        folder.chmod(0o755)
        (folder / OWNER).write_text(janitor.birth(os.getpid()))
        (folder / janitor.REGISTER).mkdir(mode=0o700)
        return _start_janitor(folder)
    except BaseException:
        janitor.remove(folder)
        raise


def _start_janitor(folder: Path) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C does not reach it; -I -S, so that nothing of ours slows its start.
    # Its standard input is the pipe whose other end only we hold: it ends when we do.
    return subprocess.Popen(
        [sys.executable, "-I", "-S", janitor.__file__, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )


def _is_stale(folder: Path) -> bool:
    pid = folder.name.removeprefix(PREFIX).partition("-")[0]
    try:
        # A folder of another user could name processes that are not ours to end.
        ours = folder.lstat().st_uid == os.geteuid() and folder.is_dir() and not folder.is_symlink()
        born = (folder / OWNER).read_text() if (folder / OWNER).exists() else None
    except OSError:
        return False
    return ours and pid.isdigit() and not _runs(int(pid), born)


def _runs(pid: int, born: str | None) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # Where start times cannot be read, a running process of that number is taken for the owner.
    return not born or janitor.birth(pid) in ("", born)
