"""The janitor of one run: when its owner is gone, however it went, it ends what still runs and removes the folder.

It is started as a script, by path, with the standard library alone: it must outlive the owner, even one that was
killed, and start at once. The owner imports the same verbs for an orderly end.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "CONFORM_WORKSPACE"
REGISTER = "pids"
# A run that has containers puts this file into its folder.
CONTAINERS = "containers"
SWEEPER = "harness.services.containers.sweeper"
SWEEP_SECONDS = 60.0
POLITE_SECONDS = 3.0
FINAL_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """One running process; `birth` tells it from a later one that was given the same number."""

    pid: int
    parent: int
    group: int
    birth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the register: the leader of a process group and the signal that ends it properly."""

    pid: int
    birth: str
    signum: int


def main() -> None:
    """Sleep until standard input ends, which is when the last holder of its other end is gone, then sweep."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(Path(sys.argv[1]))


def sweep(folder: Path) -> None:
    """End every process registered in the folder or marked with it, then remove the folder."""
    end_registered(folder, read_register(folder))
    end_kin(marked(folder))
    if (folder / CONTAINERS).exists():
        remove_containers(folder)
    remove(folder)


def remove_containers(folder: Path) -> None:
    """Have what the run left in the engine removed, by a program that has the engine's client at hand."""
    with suppress(OSError, subprocess.SubprocessError):
        # -P: whatever lies in the working directory is not ours.
        subprocess.run(
            [sys.executable, "-P", "-m", SWEEPER, str(folder)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SWEEP_SECONDS,
            check=False,
        )


def end_registered(folder: Path, entries: Iterable[Entry]) -> None:
    """End these process groups with all their descendants: first with the proper signal, then for good."""
    for entry in entries:
        if birth(entry.pid) not in ("", entry.birth):
            # The number belongs to a stranger by now.
            continue
        kin = family(entry.pid)
        with suppress(OSError):
            os.killpg(entry.pid, entry.signum)
        strike(kin, signal.SIGCONT)
        await_gone((one for one in kin if one.pid == entry.pid), POLITE_SECONDS)
        with suppress(OSError):
            os.killpg(entry.pid, signal.SIGKILL)
        end_kin(kin)
        (folder / REGISTER / str(entry.pid)).unlink(missing_ok=True)


def end_kin(kin: Iterable[Kin]) -> None:
    """Kill these processes and wait until they are gone."""
    doomed = tuple(kin)
    strike(doomed, signal.SIGKILL)
    await_gone(doomed, FINAL_SECONDS)


def strike(kin: Iterable[Kin], signum: int) -> None:
    """Send a signal to those of these processes that still are who they were."""
    for one in kin:
        if birth(one.pid) == one.birth:
            with suppress(OSError):
                os.kill(one.pid, signum)


def await_gone(kin: Iterable[Kin], seconds: float) -> bool:
    """Wait until none of these processes runs; a zombie is gone."""
    waited = tuple(kin)
    return await_true(lambda: all(birth(one.pid) != one.birth for one in waited), seconds)


def await_true(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds; False when it did not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def remove(folder: Path) -> None:
    """Remove the folder; again while a dying process still writes into it."""

    def gone() -> bool:
        shutil.rmtree(folder, ignore_errors=True)
        return not folder.exists()

    await_true(gone, FINAL_SECONDS)


def read_register(folder: Path) -> tuple[Entry, ...]:
    """Who is registered in this run's folder; a torn entry is skipped."""
    entries: list[Entry] = []
    for path in sorted((folder / REGISTER).glob("[0-9]*")):
        with suppress(OSError, ValueError):
            signum, _, born = path.read_text().partition(" ")
            entries.append(Entry(pid=int(path.name), birth=born, signum=int(signum)))
    return tuple(entries)


def family(pid: int) -> tuple[Kin, ...]:
    """The process, its group and its descendants, also those that made a session of their own (PostgreSQL does)."""
    everyone = tuple(census())
    members = {pid}
    members.update(kin.pid for kin in everyone if kin.group == pid)
    while grown := {kin.pid for kin in everyone if kin.parent in members} - members:
        members |= grown
    return tuple(sorted((kin for kin in everyone if kin.pid in members), key=lambda kin: kin.pid != pid))


def marked(folder: Path) -> tuple[Kin, ...]:
    """Processes whose environment names this folder: descendants that lost their parent."""
    mark = f"{MARK}={folder}".encode()
    return tuple(kin for kin in census() if kin.pid != os.getpid() and mark in environment(kin.pid))


def working_in(folder: Path) -> tuple[Kin, ...]:
    """Processes whose working directory is this folder, as far as we may see it."""
    return tuple(kin for kin in census() if _working_directory(kin.pid) == folder.resolve())


def environment(pid: int) -> tuple[bytes, ...]:
    """The environment that a process was started with; empty when it is not ours to read."""
    try:
        return tuple(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    except OSError:
        return ()


def _working_directory(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def census() -> Iterator[Kin]:
    """Every running process, zombies left out; nothing where there is no /proc."""
    for folder in Path("/proc").glob("[0-9]*"):
        kin = look_up(int(folder.name))
        if kin is not None:
            yield kin


def birth(pid: int) -> str:
    """When the process started, in ticks since boot; empty when it does not run or cannot be told."""
    kin = look_up(pid)
    return kin.birth if kin else ""


def look_up(pid: int) -> Kin | None:
    """What /proc says of one process; None for one that is gone or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in parentheses may itself hold spaces and parentheses.
    fields = stat[stat.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Kin(pid=pid, parent=int(fields[1]), group=int(fields[2]), birth=fields[19])


if __name__ == "__main__":
    main()
