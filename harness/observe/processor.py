"""A witness of the machine: how long processes stood in line for a processor, by the kernel's own account.

Where the kernel keeps no such account, nobody is seen to wait. What the platform's own processes do to one another is
no wait for others: these are held to have had what the machine's processors did beside them.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROCESSES = Path("/proc")
_SECOND = 1_000_000_000
# Of the kernel's count of what processors did: user, nice, system, interrupts of two kinds, and what other guests took.
_BUSY = (0, 1, 2, 5, 6, 7)
# Of a process's own count, after its name: its time in and outside the kernel, and that of the children it buried.
_OWN = slice(11, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one thread had of the processors so far: nanoseconds it ran, and nanoseconds it could have run."""

    ran: int
    waited: int

    def since(self, before: "Share | None") -> "Share":
        """What was added to an earlier share."""
        return Share(ran=self.ran - before.ran, waited=self.waited - before.waited) if before else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What every thread of some processes had of the processors so far."""

    threads: Mapping[Path, Share]

    @classmethod
    def of(cls, pids: Iterable[int]) -> Self:
        """Look now."""
        accounts = (account for pid in pids for account in _PROCESSES.glob(f"{pid}/task/*/schedstat"))
        return cls(threads={account: share for account in accounts if (share := _share(account))})

    def waited_since(self, before: Self) -> int:
        """How many nanoseconds the thread that has run most since then stood in line."""
        added = (share.since(before.threads.get(thread)) for thread, share in self.threads.items())
        return max(added, key=lambda share: share.ran, default=Share(ran=0, waited=0)).waited


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The machine at one moment: nanoseconds its processors were busy, and `own` ones of those who are timed.

    `usages` are of each party that is timed; one waits for the other, so that their waits follow each other.
    """

    busy: int
    own: int
    usages: tuple[Usage, ...]
    processors: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nanoseconds that were spent in line behind others, and further ones of which that may be true."""

    surely: int
    perhaps: int


def wait(before: Look, after: Look, *, longest: int) -> Wait:
    """How long those who are timed stood in line behind others, `longest` at most."""
    others = max(0, after.busy - before.busy - (after.own - before.own))
    most = max(0, min(longest, others))
    if not any(usage.threads for usage in after.usages):
        return Wait(surely=0, perhaps=most)
    waits = (now.waited_since(then) for then, now in zip(before.usages, after.usages, strict=True))
    # Where nobody runs while another processor is free, others held up one each.
    waited = min(sum(waits), most)
    surely = min(waited, others // after.processors)
    return Wait(surely=surely, perhaps=waited - surely)


def busy() -> int:
    """How many nanoseconds all processors were busy since the machine began; 0 where nobody counts them."""
    with suppress(OSError, ValueError, IndexError):
        first = (_PROCESSES / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
        return sum(int(first[place]) for place in _BUSY) * _tick()
    return 0


def ran(pids: Iterable[int]) -> int:
    """How many nanoseconds these processes ran, with threads and children that are over."""
    return sum(map(_ran, pids))


def _ran(pid: int) -> int:
    with suppress(OSError, ValueError):
        fields = (_PROCESSES / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        return sum(map(int, fields[_OWN])) * _tick()
    return 0


def _tick() -> int:
    return _SECOND // os.sysconf("SC_CLK_TCK")


def _share(account: Path) -> Share | None:
    # A thread may end while somebody looks.
    with suppress(OSError, ValueError):
        ran, waited, _ = map(int, account.read_text(encoding="ascii").split())
        return Share(ran=ran, waited=waited)
    return None
