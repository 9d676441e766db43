"""Steps about two budgets of one scope, and about tasks that one request may start together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures.guards import RETRY, Guards
from harness import money
from harness.errors import CannotTell
from harness.observe.ledger import Ledger
from harness.targets.terms import BudgetScope
from steps.budgets import KIND, Attempt, Gate, must_be_refused, must_rest, must_start
from steps.races import Rush

TOO_LITTLE: Final = Decimal("0.5")
ENOUGH: Final = Decimal("1.5")
MORE: Final = Decimal(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The limits that were set for one scope, and those of them that the platform holds."""

    set: Sequence[Decimal]
    held: Sequence[Decimal]


@given("a spec in executing with noise around it", target_fixture="gate")
def _(new_guards: Callable[[], Guards]) -> Gate:
    guards = new_guards()
    return Gate(guards=guards, post=guards.post("executing", asks=True))


@given(
    parsers.re(
        f"two budgets of its (?P<kind>{KIND}), the (?P<tight>first|second) with (?P<left>too little|enough) left "
        "for a task, and the other with more"
    ),
    target_fixture="pair",
)
def _(gate: Gate, kind: BudgetScope, tight: str, left: str) -> Pair:
    rest = TOO_LITTLE if left == "too little" else ENOUGH
    limits = gate.guards.set_two(gate.post, kind, left=(rest, MORE) if tight == "first" else (MORE, rest))
    shown = gate.platform.limits(gate.guards.scope(gate.post, kind))
    held = [limit for limit in limits if any(money.equal(one, limit) for one in shown)]
    if not held:
        raise CannotTell(f"the platform shows neither of the limits {limits} that were set, but {shown}")
    return Pair(set=limits, held=held)


@when("its tasks are to be started one after another, in ways that start several first", target_fixture="attempts")
def _(rush: Rush) -> Sequence[Attempt]:
    ways = [way for way in reversed(rush.gate.platform.ways_to_start()) if way != RETRY]
    start = rush.gate.platform.start_task
    pairs = [(way, job) for way in ways for job in rush.jobs]
    return [Attempt(way=way, job=job, reply=start(job.task, job.agent, way=way)) for way, job in pairs]


@then("its start is refused for the budget if the platform holds both budgets or the tighter one")
def _(attempts: Sequence[Attempt], gate: Gate, pair: Pair, ledger: Ledger) -> None:
    for one in attempts:
        if min(pair.set) in pair.held:
            must_be_refused(one)
            must_rest(gate.platform, ledger, one)
        else:
            must_start(gate.platform, one)


@then(parsers.parse("no more than {some:d} of them is ever started"))
def _(rush: Rush, attempts: Sequence[Attempt], some: int) -> None:
    tasks = (rush.gate.post.job.task, *(job.task for job in rush.jobs))
    started = [task for task in tasks if rush.gate.platform.is_started(task)]
    assert attempts, "nothing was tried"
    assert len(started) <= some, f"{len(started)} of {len(tasks)} tasks are started against a budget for {some}"
    assert started, f"none of {len(tasks)} tasks is started with a budget for {some}"
