"""Runs examinations in forked children, a few at a time, each with a deadline of its own.

A child that hangs is killed, one that crashes is reported, and what it prints goes nowhere.
"""

from __future__ import annotations

import faulthandler
import json
import os
import re
import select
import signal
import time
from collections.abc import Iterable
from typing import Any

from .lifeline import die_with_parent
from .patience import Patience
from .resolving import Examination

HUNG_ENOUGH = 4
POLL = 0.05
CHUNK = 65536
# A hung child writes where it hangs, once for each deadline, and is killed after one of them.
HANGS = b"Timeout ("
HANGS_AT = re.compile(rb'File "([^"]+)", line (\d+) in')


def run_all(examinations: list[Examination], *, deadline: float) -> list[dict[str, Any]]:
    """Every examination's report, in the order given, from as many children at once as there are processors.

    Whatever imports a module that hangs does so too: after a few of them the rest is left unexamined.
    """
    waiting = list(reversed(examinations))
    running: list[Child] = []
    reports: dict[str, dict[str, Any]] = {}
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            running.append(Child(waiting.pop(), deadline))
        select.select([child.pipe for child in running if not child.at_end], [], [], POLL)
        for child in running:
            child.look()
        reports.update({child.examination.module: child.conclude() for child in running if child.done})
        running = [child for child in running if not child.done]
        if enough_hang(reports.values()):
            waiting.clear()
    return [reports[one.module] for one in examinations if one.module in reports]


class Child:
    """One forked child and what it has said so far."""

    def __init__(self, examination: Examination, deadline: float) -> None:
        self.examination = examination
        self.started = time.monotonic()
        self.said, self.status = b"", 0
        self.at_end = self.done = self.expired = False
        self.pipe, answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            become(examination, answers, deadline)
        self.patience = Patience(self.pid, deadline)
        os.close(answers)
        os.set_blocking(self.pipe, False)

    def look(self) -> None:
        """Read what has come, and see whether the child is through: it said all, ended, or ran out of time."""
        pid, self.status = os.waitpid(self.pid, os.WNOHANG)
        self.read()
        self.done = pid != 0 or self.reported()
        self.expired = not self.done and self.patience.is_over()
        self.done = self.done or self.expired
        if self.done and pid == 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def reported(self) -> bool:
        """Whether the report has come whole: it is one line, and the last."""
        return self.said.endswith(b"}\n")

    def read(self) -> None:
        """Read without waiting; a grandchild may hold the pipe open for ever, so its end is not awaited."""
        try:
            while chunk := os.read(self.pipe, CHUNK):
                self.said += chunk
            self.at_end = True
        except BlockingIOError:
            return

    def conclude(self) -> dict[str, Any]:
        """The child's own report, or one that says how it ended without any."""
        os.close(self.pipe)
        seconds = time.monotonic() - self.started
        if self.reported():
            return {**json.loads(self.said[self.said.rindex(b"\n{") + 1 :]), "seconds": seconds}
        failure = self.hung() if self.expired else ended_early(self.status)
        return {**self.examination.blank(), "failure": failure, "seconds": seconds}

    def hung(self) -> dict[str, Any]:
        """The failure of a child that ran out of time, with the line where it was last."""
        last = self.said.rpartition(HANGS)[2]
        places = [(file.decode(errors="replace"), int(line)) for file, line in HANGS_AT.findall(last)]
        inside = self.examination.inside
        own = [{"file": inside.relative(file), "line": line} for file, line in places if file.startswith(inside.folder)]
        return silent("Hung", f"still running after {self.patience.seconds:g} s", list(reversed(own)))


def become(examination: Examination, answers: int, deadline: float) -> None:
    """Be the child: examine, report, and leave without running anything at exit."""
    try:
        die_with_parent()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        faulthandler.dump_traceback_later(deadline, repeat=True, file=answers)
        report = json.dumps(examination.report())
        faulthandler.cancel_dump_traceback_later()
        with os.fdopen(answers, "wb") as pipe:
            # The leading newline parts the report from what the fault handler may have written before.
            pipe.write(b"\n" + report.encode() + b"\n")
    finally:
        os._exit(0)


def ended_early(status: int) -> dict[str, Any]:
    """The failure of a child that ended before it could report."""
    if os.WIFSIGNALED(status):
        return silent("Crashed", f"killed by {signal.Signals(os.WTERMSIG(status)).name}", [])
    return silent("Exited", f"ended the interpreter with code {os.waitstatus_to_exitcode(status)}", [])


def enough_hang(reports: Iterable[dict[str, Any]]) -> bool:
    """Whether so many ran out of time that the rest would too."""
    return sum(is_hung(report) for report in reports) >= HUNG_ENOUGH


def is_hung(report: dict[str, Any]) -> bool:
    """Whether a report tells of a child that ran out of time."""
    return report["failure"] is not None and report["failure"]["type"] == "Hung"


def silent(kind: str, message: str, frames: list[dict[str, Any]]) -> dict[str, Any]:
    """A failure that no exception describes."""
    return {
        "type": kind,
        "message": message,
        "missing": "",
        "lacking": None,
        "in_dependency": False,
        "frames": frames,
    }
