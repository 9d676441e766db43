"""Examines modules that begin alike in groups: what they all import first is imported once, then a fork for each.

A module's packages are imported before it, and so are those of the first thing of the platform that it imports, if
nothing but imports stands before. Doing so ahead changes nothing for a module that was not imported on the way, nor for
one that its own packages import. Any other, and every one that comes to grief here, is left to be examined by itself: a
thread that a package has started does not live on in a fork.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import fresh
from .children import CHUNK, POLL, enough_hang, run_all
from .lifeline import die_with_parent
from .patience import GRACE, MOST, Patience
from .resolving import Examination

# A group is as large as pays for importing what it shares, and small enough that no processor waits for another.
LARGEST = 30
# What a group says when it has imported what its members share.
READY = b"ready"


def examine_all(examinations: list[Examination], *, deadline: float) -> list[dict[str, Any]]:
    """Every examination's report, in the order given; `deadline` in seconds holds for each."""
    reports = {report["module"]: report for report in in_groups(examinations, deadline) if report["failure"] is None}
    alone = [one for one in examinations if one.module not in reports]
    reports.update({report["module"]: report for report in run_all(alone, deadline=deadline)})
    reports = fresh.confirmed(reports, examinations, deadline=deadline)
    return [reports[one.module] for one in examinations if one.module in reports]


def in_groups(examinations: list[Examination], deadline: float) -> Iterator[dict[str, Any]]:
    """The reports of all groups, as many groups at a time as there are processors."""
    waiting = sorted(grouped(examinations), key=lambda group: len(group[1]))
    running: list[Group] = []
    seen: list[dict[str, Any]] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            running.append(Group(*waiting.pop(), deadline))
        select.select([group.pipe for group in running], [], [], POLL)
        for group in running:
            came = group.look()
            seen += came
            yield from came
        running = [group for group in running if not group.done]
        if enough_hang(seen):
            for group in running:
                group.end()
            return


def grouped(examinations: list[Examination]) -> list[tuple[tuple[str, ...], list[Examination]]]:
    """Modules by what is imported before them, a few at a time; those that share nothing are of no group."""
    alike: dict[tuple[str, ...], list[Examination]] = {}
    for one in examinations:
        if not one.executed and (before := imported_before(one)):
            alike.setdefault(before, []).append(one)
    return [
        (before, members[start : start + LARGEST])
        for before, members in alike.items()
        for start in range(0, len(members), LARGEST)
        if len(members) > 1
    ]


def imported_before(one: Examination) -> tuple[str, ...]:
    """The packages that are imported before a module, and before the first that it imports of the platform."""
    first = first_own(Path(one.path), one.module, one.inside.name)
    return tuple(dict.fromkeys((*packages(one.module), *packages(first)))) if first else packages(one.module)


def packages(module: str) -> tuple[str, ...]:
    """The packages that a module is in, outermost first."""
    parts = module.split(".")[:-1]
    return tuple(".".join(parts[: number + 1]) for number in range(len(parts)))


def first_own(path: Path, module: str, package: str) -> str | None:
    """The first module of the platform that a file imports, if nothing but imports stands before that."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return None
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            target = absolute(statement, module, is_package=path.name == "__init__.py")
            if target.partition(".")[0] == package:
                return target
        elif isinstance(statement, ast.Import):
            own = [one.name for one in statement.names if one.name.partition(".")[0] == package]
            if own:
                return own[0]
        elif not is_silent(statement):
            return None
    return None


def absolute(statement: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """The module that is named, from the outermost package on."""
    if not statement.level:
        return statement.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - statement.level + is_package]
    return ".".join((*base, *([statement.module] if statement.module else [])))


def is_silent(statement: ast.stmt) -> bool:
    """Whether a statement does nothing when it is executed: a text, or what only a type checker reads."""
    if isinstance(statement, ast.If):
        name = statement.test
        return ast.unparse(name).rpartition(".")[2] == "TYPE_CHECKING" and not statement.orelse
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class Group:
    """One forked process that imports what its members share, and then examines them one after another."""

    def __init__(self, before: tuple[str, ...], members: list[Examination], deadline: float) -> None:
        self.deadline = deadline
        self.unread, self.done = b"", False
        self.pipe, answers = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            become(before, members, answers, deadline)
        self.patience = Patience(self.pid, deadline)
        os.close(answers)
        os.set_blocking(self.pipe, False)

    def look(self) -> list[dict[str, Any]]:
        """The reports that have come since; a group that says nothing for too long, or has ended, is done."""
        lines = self.read()
        if lines:
            # Whoever waits for a child computes nothing, and the child has a patience of its own.
            self.patience = Patience(self.pid, MOST * self.deadline + GRACE)
        if self.done or self.patience.is_over():
            self.end()
        return [json.loads(line) for line in lines if line != READY]

    def read(self) -> list[bytes]:
        """Whole lines that have come."""
        try:
            while chunk := os.read(self.pipe, CHUNK):
                self.unread += chunk
            self.done = True
        except BlockingIOError:
            pass
        whole, newline, self.unread = self.unread.rpartition(b"\n")
        return whole.split(b"\n") if newline else []

    def end(self) -> None:
        """Let the process go, with whatever it has started."""
        self.done = True
        os.close(self.pipe)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def imported(before: tuple[str, ...]) -> dict[str, int]:
    """Import one after another, and tell with which of them each module came, counted from 1."""
    came: dict[str, int] = {}
    for number, name in enumerate(before, start=1):
        importlib.import_module(name)
        came.update(dict.fromkeys(sys.modules.keys() - came.keys(), number))
    return came


def become(before: tuple[str, ...], members: list[Examination], answers: int, deadline: float) -> None:
    """Be the group's process: import, examine, report each member as soon as it is done."""
    try:
        die_with_parent()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        came = imported(before)
        with os.fdopen(answers, "wb", buffering=0) as pipe:
            pipe.write(READY + b"\n")
            for member in members:
                # One that was imported on the way has not been imported first, unless its own packages did it.
                if came.get(member.module, 0) <= len(packages(member.module)):
                    for report in run_all([member], deadline=deadline):
                        pipe.write(json.dumps(report).encode() + b"\n")
    finally:
        os._exit(0)
