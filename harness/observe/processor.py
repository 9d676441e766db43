"""A witness of the machine: how long processes stood in line for a processor, by the kernel's own account.

Where the kernel keeps no such account, nobody is seen to wait.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROCESSES = Path("/proc")


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


def _share(account: Path) -> Share | None:
    # A thread may end while somebody looks.
    with suppress(OSError, ValueError):
        ran, waited, _ = map(int, account.read_text(encoding="ascii").split())
        return Share(ran=ran, waited=waited)
    return None
