"""Which collected test executes which check: both are found by file, line and row, never by name."""

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

import pytest
from pytest_bdd.parser import Scenario
from pytest_bdd.scenario import find_fixturedefs_for_step, scenario_wrapper_template_registry

from harness import catalogue
from harness.errors import CannotTell
from harness.model import Check

Place = tuple[str, int, int]

_ROW: Final = "_pytest_bdd_example"


def of_check(check: Check) -> Place:
    """File below the suite, line of the scenario, and number of the Examples row (0 without Examples)."""
    path, line = catalogue.scenario_key(check)
    row = check.id.rpartition("[")[2].removesuffix("]") if check.id.endswith("]") else "0"
    return path, line, int(row)


def of_item(item: pytest.Item, *, suite: Path) -> Place | None:
    """The same three for a collected test, or None when it is no scenario."""
    if not isinstance(item, pytest.Function):
        return None
    template = scenario_wrapper_template_registry.get(cast("Callable[..., object]", item.obj))
    if template is None:
        return None
    callspec = getattr(item, "callspec", None)
    row = cast("int", callspec.indices[_ROW]) + 1 if callspec and _ROW in callspec.indices else 0
    path = Path(template.feature.filename).resolve().relative_to(suite.resolve())
    return path.as_posix(), template.line_number, row


def refuse_changed(check: Check, scenario: Scenario) -> None:
    """Raise CannotTell when the scenario is no longer the one that was planned: its evidence would speak of another."""
    if tuple(f"{step.keyword.strip()} {step.name}" for step in scenario.steps) != check.steps:
        raise CannotTell("its feature file was changed after the run had begun")


def refuse_ambiguous(scenario: Scenario, request: pytest.FixtureRequest, clear: set[tuple[str, str]]) -> None:
    """Raise CannotTell when more than one function claims a step: which of them runs would be chance.

    `clear` are the steps of this lane that were looked up before: all scenarios share their definitions.
    """
    fixtures = request.session._fixturemanager  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the only way to the step definitions
    for step in scenario.steps:
        if (step.type, step.name) in clear:
            continue
        definitions = tuple(find_fixturedefs_for_step(step, fixtures, request.node))
        if len(definitions) > 1:
            raise CannotTell(f"the step “{step.name}” is defined {len(definitions)} times")
        clear.add((step.type, step.name))


def refuse_coroutine(name: str, function: Callable[..., object]) -> None:
    """Raise CannotTell for a coroutine step, which nobody awaits and which would pass."""
    written = inspect.unwrap(function)
    if inspect.iscoroutinefunction(written) or inspect.isasyncgenfunction(written):
        raise CannotTell(f"the step “{name}” is a coroutine, which nobody awaits")


def asserted_by_step(error: BaseException, *, suite: Path) -> bool:
    """Whether an error was raised by the code of a step: an assertion elsewhere is the harness's own."""
    frame = None
    for frame, _ in traceback.walk_tb(error.__traceback__):  # noqa: B007 - the last one counts
        continue
    return frame is not None and Path(frame.f_code.co_filename).resolve().is_relative_to((suite / "steps").resolve())
