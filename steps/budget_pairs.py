"""Steps about two budgets of one scope, and about tasks that one request may start together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures.decisions import Decisions
from fixtures.guards import RETRY, Guards, NewGuards
from fixtures.pairs import Pair, Pairs
from fixtures.workshop import Job
from harness.observe.ledger import Ledger
from harness.targets.terms import BudgetScope
from steps.budgets import KIND, Attempt, Gate, must_be_for_the_budget, must_be_refused, must_rest, must_start, weigh

TOO_LITTLE: Final = Decimal("0.5")
ENOUGH: Final = Decimal("1.5")
MORE: Final = Decimal(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Tasks of one spec that are to be started in one way, beside the one that waits there anyhow."""

    way: str
    gate: Gate
    jobs: Sequence[Job]

    def started(self) -> int:
        """How many of the spec's tasks are started."""
        tasks = (self.gate.post.job.task, *(job.task for job in self.jobs))
        return sum(map(self.gate.platform.is_started, tasks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """Tasks of a spec that were tried one by one, and how many of the spec's tasks are started since."""

    attempts: Sequence[Attempt]
    started: int

    def due(self, some: int) -> int:
        """How many of the attempts are rightly granted when no more than so many tasks may be started.

        One request may start others along with its own, or none at all where it cannot have all of them.
        """
        granted = sum(one.reply.granted for one in self.attempts)
        return max(0, min(granted, some - (self.started - granted)))


@given("a spec in executing with noise around it", target_fixture="gate")
def _(new_guards: NewGuards) -> Gate:
    guards = new_guards("spec")
    return Gate(guards=guards, post=guards.post("executing", asks=True))


@given(
    parsers.re(
        f"two budgets of its (?P<kind>{KIND}), the (?P<tight>first|second) with (?P<left>too little|enough) left "
        "for a task, and the other with more"
    ),
    target_fixture="pair",
)
def _(new_pairs: Callable[[Guards], Pairs], gate: Gate, kind: BudgetScope, tight: str, left: str) -> Pair:
    rest = TOO_LITTLE if left == "too little" else ENOUGH
    return new_pairs(gate.guards).set(gate.post, kind, left=(rest, MORE) if tight == "first" else (MORE, rest))


@given(
    parsers.parse(
        "for every way to start tasks a spec in executing whose budget bears 1 of its {number:d} tasks, "
        "with noise around it"
    ),
    target_fixture="batches",
)
def _(new_guards: NewGuards, number: int) -> Sequence[Batch]:
    guards = new_guards("spec")
    ways = [way for way in guards.workshop.platform.ways_to_start() if way != RETRY]
    return [_batch(guards, way, number) for way in ways]


@when("each way is tried at its spec", target_fixture="tried")
def _(batches: Sequence[Batch]) -> Mapping[str, Tried]:
    return {batch.way: _try(batch) for batch in batches}


@then("its start is refused for the budget if the platform holds both budgets or the tighter one")
def _(attempts: Sequence[Attempt], gate: Gate, pair: Pair, ledger: Ledger, decisions: Decisions) -> None:
    blocked = pair.holds_tighter()
    weigh(decisions, attempts, due=0 if blocked else len(attempts))
    for one in attempts:
        if blocked:
            must_be_refused(one)
            must_rest(gate.platform, ledger, one)
        else:
            must_start(gate.platform, one)


@then(parsers.parse("no more than {some:d} task of each spec is started, and each refusal is for the budget"))
def _(tried: Mapping[str, Tried], some: int, decisions: Decisions) -> None:
    for one in tried.values():
        weigh(decisions, one.attempts, due=one.due(some))
    for way, one in tried.items():
        assert one.started <= some, f"started by {way}, {one.started} tasks passed against a budget for {some}"
        for attempt in one.attempts:
            must_be_for_the_budget(attempt.reply, what=f"a start by {way}")
    started = any(one.started for one in tried.values())
    assert started, f"no task of a budget for {some} was started in any way: {', '.join(tried)}"


def _try(batch: Batch) -> Tried:
    """Try the tasks of a batch one by one; what was started along with another is no longer to be started."""
    platform = batch.gate.platform
    attempts = [
        Attempt(way=batch.way, job=job, reply=platform.start_task(job.task, job.agent, way=batch.way))
        for job in batch.jobs
        if not platform.is_started(job.task)
    ]
    return Tried(attempts=attempts, started=batch.started())


def _batch(guards: Guards, way: str, number: int) -> Batch:
    """Tasks that cost nothing yet, under a budget that has enough left for one of them."""
    post = guards.post("executing", asks=True)
    guards.workshop.platform.set_budget(guards.scope(post, "spec"), ENOUGH * post.needed)
    return Batch(way=way, gate=Gate(guards=guards, post=post), jobs=guards.jobs(post, number - 1))
