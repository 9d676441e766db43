"""Steps about tasks that are all to be started at once, by turns at two instances of the platform."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle

from pytest_bdd import given, parsers, then, when

from fixtures.decisions import Decisions
from fixtures.guards import NewGuards
from fixtures.workshop import Job
from harness.errors import CannotTell, PlatformMisbehaved
from harness.observe.standstill import Standstill
from harness.targets.platform import Platform
from harness.targets.terms import Reply
from steps.budgets import Attempt, Gate, must_be_refused, open_gate, weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """Jobs that are all to be started at once, and the platforms where that is done by turns."""

    gate: Gate
    jobs: Sequence[Job]
    platforms: tuple[Platform, ...]


@given(
    parsers.re(
        r"a spec in executing whose budget has (?P<some>\d+) estimates? left, and (?P<number>\d+) tasks, "
        "with noise around it"
    ),
    converters={"some": int, "number": int},
    target_fixture="rush",
)
def _(new_guards: NewGuards, at_second: Callable[[], Platform], some: int, number: int) -> Rush:
    gate = open_gate(new_guards("spec"), some + Decimal("0.5"))
    return Rush(gate=gate, jobs=gate.guards.jobs(gate.post, number), platforms=(gate.platform, at_second()))


@when("all of them are started at once, by turns at two instances of the platform", target_fixture="attempts")
def _(rush: Rush) -> Sequence[Attempt]:
    with ThreadPoolExecutor(len(rush.jobs)) as pool:
        return gathered(rush, send(rush, pool))


@when(
    "all of them are started by turns at two instances, held up at their first write until all are there",
    target_fixture="attempts",
)
def _(rush: Rush, standstill: Standstill) -> Sequence[Attempt]:
    with ThreadPoolExecutor(len(rush.jobs)) as pool:
        with standstill.held():
            under_way = send(rush, pool)
        try:
            return gathered(rush, under_way)
        except PlatformMisbehaved as error:
            # It was us who held it up, and it may give up waiting.
            raise CannotTell("the platform did not go on after it was held up", causes=(str(error),)) from error


@then(parsers.parse("exactly {some:d} of them are started, and the others are refused for the budget"))
def _(rush: Rush, attempts: Sequence[Attempt], some: int, decisions: Decisions) -> None:
    weigh(decisions, attempts, due=some)
    passed = [one for one in attempts if one.reply.granted]
    refusals = [one for one in attempts if not one.reply.granted]
    assert len(passed) == some, f"{len(passed)} of {len(attempts)} passed at once against a budget for {some}"
    for one in refusals:
        must_be_refused(one)
    started = [one for one in attempts if rush.gate.platform.is_started(one.job.task)]
    assert len(started) == some, f"{len(started)} tasks are started where {some} were let pass"


def send(rush: Rush, pool: ThreadPoolExecutor) -> Sequence[Future[Reply]]:
    """Have every job started at once, by turns at each platform."""
    way = rush.gate.platform.ways_to_start()[0]
    turns = zip(rush.jobs, cycle(rush.platforms))
    return [pool.submit(platform.start_task, job.task, job.agent, way=way) for job, platform in turns]


def gathered(rush: Rush, under_way: Sequence[Future[Reply]]) -> Sequence[Attempt]:
    """What the platform said to each job."""
    pairs = zip(rush.jobs, under_way, strict=True)
    return [Attempt(way="at once", job=job, reply=future.result()) for job, future in pairs]
