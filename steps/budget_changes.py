"""Steps about budgets that become others at one instance of the platform, and decide at another."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from pytest_bdd import given, parsers, then, when

from fixtures.decisions import Decisions
from fixtures.guards import AMPLE, NewGuards
from harness.errors import LacksCapability, PlatformOffersNone
from harness.observe.ledger import Ledger
from harness.targets.platform import Platform
from harness.targets.terms import Call
from steps.budgets import Attempt, Gate, must_be_refused, must_rest, must_start, weigh

# In estimates of a task: each of the two instances has started one before, and may have promised it that much.
TOO_LITTLE: Final = Decimal("2.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A guarded spec at two instances; `scarce` is a limit that bears no third task, `call` takes what is beyond it."""

    gate: Gate
    other: Platform
    scarce: Decimal
    call: Call
    budget: str | None

    def set(self) -> None:
        """Set a budget that bears not even one task: those started before were promised nothing of it."""
        self.gate.platform.set_budget(self.gate.guards.scope(self.gate.post, "spec"), self.gate.post.needed / 2)

    def spend(self) -> None:
        """Have a cost recorded that leaves too little room."""
        self.gate.platform.record_cost(self.call, task_id=self.gate.post.job.task)

    def change(self, limit: Decimal) -> None:
        """Change the budget; LacksCapability where the platform offers no way to."""
        try:
            self.gate.platform.change_budget(str(self.budget), limit)
        except PlatformOffersNone as error:
            raise LacksCapability(f"the platform offers no way to change a budget: {error}") from error

    def attempt(self, platform: Platform) -> Attempt:
        """Try to start a further task at one of the instances."""
        [job] = self.gate.guards.jobs(self.gate.post, 1)
        way = platform.ways_to_start()[0]
        return Attempt(way=way, job=job, reply=platform.start_task(job.task, job.agent, way=way))


@given(
    parsers.re(
        "a spec in executing (?P<room>without a budget|with room in its budget|with too little room in its budget), "
        "a task of which was to be started at each of two instances, with noise around it"
    ),
    target_fixture="shared",
)
def _(new_guards: NewGuards, at_second: Callable[[], Platform], room: str) -> Shared:
    guards = new_guards("spec")
    gate = Gate(guards=guards, post=guards.post("executing", asks=True))
    scarce = TOO_LITTLE * gate.post.needed
    call, cost = guards.spending(gate.post)
    limits = {"with room in its budget": scarce + cost, "with too little room in its budget": scarce}
    scope = guards.scope(gate.post, "spec")
    budget = gate.platform.set_budget(scope, limits[room]) if room in limits else None
    shared = Shared(gate=gate, other=at_second(), scarce=scarce, call=call, budget=budget)
    for platform in (gate.platform, shared.other):
        shared.attempt(platform)
    return shared


@when(
    parsers.re(
        "its budget is (?P<became>set|spent|lowered|raised) at the one, and a task of it is to be started at the other"
    ),
    target_fixture="third",
)
def _(shared: Shared, became: Literal["set", "spent", "lowered", "raised"]) -> Attempt:
    match became:
        case "set":
            shared.set()
        case "spent":
            shared.spend()
        case "lowered":
            shared.change(shared.scarce)
        case "raised":
            shared.change(AMPLE * shared.scarce)
    third = shared.attempt(shared.other)
    return replace(third, way=f"{third.way} at one instance after its budget was {became} at another")


@then("that one is started")
def _(shared: Shared, third: Attempt, decisions: Decisions) -> None:
    weigh(decisions, [third], due=1)
    must_start(shared.gate.platform, third)


@then("that one is refused for the budget")
def _(shared: Shared, third: Attempt, ledger: Ledger, decisions: Decisions) -> None:
    weigh(decisions, [third], due=0)
    must_be_refused(third)
    must_rest(shared.gate.platform, ledger, third)
