"""The only pytest hooks: they lead a lane through its checks and write down how each one ended."""

import signal
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, cast

import pytest
from pytest_bdd.parser import Scenario, Step

from harness import binding, lane, outcome
from harness.errors import CannotTell, DidNotCome, Misuse
from harness.evidence import EvidenceWriter
from harness.journal import Journal
from harness.lane import Assignment
from harness.model import Check, Inconclusive, Outcome
from harness.observe.channels import Channels
from harness.outcome import Ending, Stage

_NAME: Final = "conform-lane"
_CHECK: Final = pytest.StashKey[Check]()
_STAGES: Final[dict[str, Stage]] = {"given": "given", "when": "when", "then": "then"}
_OUTSIDE: Final[dict[str, Stage]] = {"setup": "setup", "teardown": "teardown"}


def pytest_load_initial_conftests() -> None:
    """Take steps and fixtures from the suite of this run, whatever other checkout lies on the path."""
    sys.path.insert(0, lane.read_assignment().run.suite)


def pytest_configure(config: pytest.Config) -> None:
    """Take up the assignment of this lane."""
    if not __debug__:
        raise Misuse("assertions are switched off in this Python, so no check could fail", hint="unset PYTHONOPTIMIZE")
    # A shell that starts us in the background has interrupts ignored, and no lane could be sent home.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(LanePlugin(lane.read_assignment()), _NAME)


@pytest.fixture(scope="session")
def assignment(request: pytest.FixtureRequest) -> Assignment:
    """The assignment of this lane."""
    return _lane(request).assignment


@pytest.fixture(scope="session")
def journal(request: pytest.FixtureRequest) -> Journal:
    """The journal of the check that is running."""
    return _lane(request).journal


@pytest.fixture
def criterion(request: pytest.FixtureRequest) -> str:
    """The id of the criterion that the check which is running belongs to."""
    return request.node.stash[_CHECK].id.partition("/")[0]


@pytest.fixture(scope="session")
def channels(request: pytest.FixtureRequest) -> Channels:
    """The channels of this lane."""
    return _lane(request).channels


class LanePlugin:
    """Executes the checks of an assignment and appends one evidence line for each."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.journal = Journal()
        self.writer = EvidenceWriter(assignment.shard)
        self.channels = Channels(assignment.lane, report=self.writer.append)
        self.stage: Stage = "setup"
        self.trouble: tuple[Stage, BaseException] | None = None
        self.alive = False
        self.clear: set[tuple[str, str]] = set()

    def pytest_bdd_apply_tag(self) -> bool:
        """Make no marks of tags: a tag must not skip or excuse a check."""
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of this lane's checks, in their order, and say which check has none."""
        collected = {binding.of_item(item, suite=Path(self.assignment.run.suite)): item for item in items}
        items.clear()
        for check in self.assignment.checks:
            item = collected.get(binding.of_check(check))
            if item is None:
                self._write(check, Inconclusive(because="no scenario is bound to it, so nothing ran"), seconds=0.0)
            else:
                item.stash[_CHECK] = check
                items.append(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Begin each check with an empty journal, and write its evidence when all of it is over."""
        self.journal.clear()
        self.stage, self.trouble, self.alive = "setup", None, False
        began = time.monotonic()
        reported = yield
        stage, error = self.trouble or ("then", None)
        ending = Ending(stage=stage, error=error, readings=tuple(self.journal.readings))
        came_to = outcome.came_to(ending, canary=lambda _: self.alive)
        self._write(item.stash[_CHECK], came_to, seconds=time.monotonic() - began, mask=outcome.mask(ending))
        return reported

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Remember the first thing that went wrong, at which stage, and whether its channel was alive then."""
        if call.excinfo is not None and self.trouble is None:
            error = call.excinfo.value
            self.trouble = (_OUTSIDE.get(call.when) or self._stage_of(error), error)
            # Now, since the channels of a lane are closed when its last check is over.
            self.alive = isinstance(error, DidNotCome) and self.channels.alive(error.channel)

    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, scenario: Scenario) -> None:
        """Refuse a scenario that is not the planned one, or whose steps are ambiguous."""
        binding.refuse_changed(request.node.stash[_CHECK], scenario)
        binding.refuse_ambiguous(scenario, request, self.clear)

    def pytest_bdd_before_step(self) -> None:
        """Trouble while preparing what a step asks for is not the step's own."""
        self.stage = "setup"

    def pytest_bdd_before_step_call(self, step: Step, step_func: Callable[..., object]) -> None:
        """From here on the step itself runs."""
        binding.refuse_coroutine(step.name, step_func)
        self.stage = _STAGES[step.type]

    def pytest_bdd_step_func_lookup_error(self, step: Step) -> None:
        """Say which step nobody has defined."""
        raise CannotTell(f"the step “{step.keyword} {step.name}” is not defined", hint="define it in steps/")

    def pytest_sessionfinish(self) -> None:
        """Close the shard."""
        self.writer.close()

    def _stage_of(self, error: BaseException) -> Stage:
        suite = Path(self.assignment.run.suite)
        foreign = isinstance(error, AssertionError) and not binding.asserted_by_step(error, suite=suite)
        return "setup" if foreign else self.stage

    def _write(self, check: Check, came_to: Outcome, *, seconds: float, mask: str | None = None) -> None:
        mended = tuple(repair.name for repair in self.assignment.repairs)
        self.writer.append(self.journal.evidence(check.id, came_to, seconds=seconds, mask=mask, repairs=mended))


def _lane(request: pytest.FixtureRequest) -> LanePlugin:
    return cast("LanePlugin", request.config.pluginmanager.get_plugin(_NAME))
