"""Decides when a process that says nothing is given up: soon when it waits, later while it computes.

A large module takes its time on a busy machine, which is no hang.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

# Time for last words.
GRACE = 0.5
# A process that computes may take so many deadlines, if it had this share of a processor in the one before.
MOST = 4
BUSY = 0.1


class Patience:
    """One process, and the seconds after which it is given up unless it computes; in all it has `MOST` deadlines."""

    def __init__(self, pid: int, deadline: float, *, longest: float | None = None) -> None:
        self.pid = pid
        self.deadline = deadline
        self.longest = longest or MOST * deadline
        self.began = time.monotonic()
        self.expires = self.began + deadline + GRACE
        self.computed = 0.0

    @property
    def seconds(self) -> float:
        """How long it has been waited for, when that is over."""
        return self.expires - self.began - GRACE

    def is_over(self) -> bool:
        """Whether it is given up now."""
        if time.monotonic() <= self.expires:
            return False
        before, self.computed = self.computed, processor_seconds(self.pid)
        if self.computed - before < BUSY * self.deadline or self.seconds + self.deadline > self.longest:
            return True
        self.expires += self.deadline
        return False


def processor_seconds(pid: int) -> float:
    """How long a process had a processor; nothing where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0
