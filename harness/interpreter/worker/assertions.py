"""Counts the assertions that a test of the platform executes, whichever of the usual ways it writes them in.

A plain `assert` is reported by pytest. What asserts by a call is counted when the call returns without complaint.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import unittest
import unittest.mock
from collections.abc import Callable
from typing import Any

NAMES = ("assert", "to_", "not_to_")
# Playwright's own assertions, in whichever of its two styles a test has imported them.
STYLES = ("playwright.sync_api", "playwright.async_api")
CLASSES = ("LocatorAssertions", "PageAssertions", "APIResponseAssertions")
MACHINERY = ("_pytest", "pluggy", "pytest", "conform_worker")


class Tally:
    """How many assertions were executed since it was opened; closed, it counts nothing."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.count = 0
        self.depth = 0
        self.is_open = False
        self.watched: set[type] = set()

    def open(self) -> None:
        """Begin to count from zero."""
        self.count, self.depth, self.is_open = 0, 0, True
        for module in (sys.modules[style] for style in STYLES if style in sys.modules):
            for name in CLASSES:
                self.watch(getattr(module, name, None))

    def close(self) -> int:
        """Stop counting; gives the count, which is zero when nothing was opened since."""
        counted, self.count, self.is_open = self.count, 0, False
        return counted

    def add(self) -> None:
        """Count one, unless it is part of another."""
        if self.is_open and not self.depth:
            self.count += 1

    def add_statement(self, text: str) -> None:
        """Count an `assert` of the platform's own tests that can fail."""
        if can_fail(text) and self.is_own(inspect.currentframe()):
            self.add()

    def is_own(self, frame: Any) -> bool:
        """Whether the nearest frame outside of the machinery is in a file of the platform."""
        while frame is not None:
            if frame.f_globals.get("__name__", "").partition(".")[0] not in MACHINERY:
                path = frame.f_code.co_filename
                return path.startswith(self.root) and "site-packages" not in path
            frame = frame.f_back
        return False

    def watch_everything(self, pytest: Any) -> None:
        """Count what asserts by a call: unittest's methods, mocks, and pytest's blocks that expect an exception."""
        for owner in (unittest.TestCase, unittest.mock.NonCallableMock, *async_mocks()):
            self.watch(owner)
        for block in (pytest.raises(Exception), pytest.warns(UserWarning)):
            self.watch_exit(block)

    def watch(self, owner: type | None) -> None:
        """Count the calls of a class's asserting methods."""
        if owner is None or owner in self.watched:
            return
        self.watched.add(owner)
        for name, method in list(vars(owner).items()):
            if name.startswith(NAMES) and inspect.isfunction(method):
                setattr(owner, name, self.counted(method))

    def watch_exit(self, block: Any) -> None:
        """Count the blocks of this one's class that end without complaint."""
        kind: Any = block.__class__
        inner: Callable[..., Any] = kind.__exit__

        @functools.wraps(inner)
        def leave(this: Any, *error: Any) -> Any:
            kept = inner(this, *error)
            # An exception that is let through was not the expected one.
            if kept or error[0] is None:
                self.add()
            return kept

        kind.__exit__ = leave

    def counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The same method, counted once it is through; what it calls itself belongs to it."""
        if inspect.iscoroutinefunction(method):
            return self.counted_later(method)

        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            self.depth += 1
            try:
                returned = method(*args, **kwargs)
            finally:
                self.depth = max(0, self.depth - 1)
            self.add()
            return returned

        return call

    def counted_later(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The same coroutine function; others may run meanwhile, so nothing belongs to it."""

        @functools.wraps(method)
        async def call(*args: Any, **kwargs: Any) -> Any:
            returned = await method(*args, **kwargs)
            self.add()
            return returned

        return call


def async_mocks() -> list[type]:
    """The classes whose methods assert that a mock was awaited."""
    found = getattr(unittest.mock, "AsyncMockMixin", None)
    return [found] if found else []


@functools.cache
def can_fail(text: str) -> bool:
    """Whether the text of an assertion depends on anything: a constant holds by itself."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return True
    return any(isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Await)) for node in ast.walk(tree))
