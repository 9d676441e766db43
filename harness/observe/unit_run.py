"""Tells how each unit test went in a run of the platform's own tests."""

from collections.abc import Iterator
from typing import Final

from harness.interpreter.own_tests import Found, Unread, Went
from harness.observe.own_run import OwnRun

UNFINISHED: Final = "not run to the end"


def units(run: OwnRun) -> dict[str, Found]:
    """The unit tests that were found."""
    return {fact.test: fact for fact in run.facts if isinstance(fact, Found) and fact.unit}


def endings(run: OwnRun) -> dict[str, str]:
    """How each unit test ended."""
    return {test: _ending(tuple(run.went(test))) for test in units(run)}


def failures(run: OwnRun) -> Iterator[tuple[str, Went]]:
    """Each phase of a unit test that failed."""
    for test in units(run):
        yield from ((test, one) for one in run.went(test) if one.outcome == "failed")


def unread(run: OwnRun) -> Iterator[Unread]:
    """The files that may hold unit tests and could not be read."""
    for fact in run.facts:
        if isinstance(fact, Unread) and fact.unit and fact.outcome == "failed":
            yield fact


def _ending(went: tuple[Went, ...]) -> str:
    for one in went:
        if one.outcome == "failed":
            return "failed" if one.when == "call" else "errored"
    if any(one.outcome == "skipped" for one in went):
        return "skipped"
    return "passed" if any(one.when == "teardown" for one in went) else UNFINISHED
