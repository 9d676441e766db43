"""Steps about what a spec cost: its total while it runs and at its end, by phase and by agent."""

import time
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from pytest_bdd import then, when

from fixtures import accounts as due
from fixtures.accounts import Accounts, Row
from fixtures.deeds import Crew, Deed
from fixtures.scenes import Scene
from fixtures.workshop import Place
from harness import money
from harness.targets.platform import Platform
from harness.targets.terms import PHASES, SpecCosts

NOBODY: Final = "nobody"
# A platform may write down what a call cost while it makes the next.
_PATIENCE_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.05

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The running total right after a call, beside what was stored and what was due by then."""

    shown: float
    stored: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """By how much the summary of each phase grew while a task was worked on."""

    deed: Deed
    phases: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """The running total before a task and between two calls of it, of which the deed is the first."""

    before: float
    shown: float
    deed: Deed


@when("the spec is asked what it cost", target_fixture="costs")
def _(scene: Scene) -> SpecCosts:
    return scene.platform.costs_of_spec(scene.spec)


@when("its final summary is asked for", target_fixture="costs")
def _(scene: Scene) -> SpecCosts:
    return scene.platform.final_costs_of_spec(scene.spec)


@when("each of the specs is asked what it cost", target_fixture="totals")
def _(scene: Scene) -> Mapping[str, tuple[float, float]]:
    platform = scene.platform
    return {
        spec: (platform.costs_of_spec(spec).total_cost, platform.summary("spec", spec).total_cost)
        for spec in scene.specs
    }


@then("each spec costs what its own calls cost")
def _(scene: Scene, accounts: Accounts, totals: Mapping[str, tuple[float, float]]) -> None:
    own = due.sums(accounts.spent(scene.deeds), lambda one: one.spec)
    for spec, seen in totals.items():
        for amount in seen:
            assert money.equal(amount, own[spec]), f"the spec {spec} shows {amount} USD, its calls cost {own[spec]} USD"


@when("its agents make one call after another, and its running total is asked for after each", target_fixture="moments")
def _(crew: Crew, place: Place, platform: Platform, accounts: Accounts) -> tuple[Moment, ...]:
    return tuple(_moments(_calls(crew, place), place, platform, accounts))


@when(
    "runs of its agents are broken off by the provider, and its running total is asked for after each",
    target_fixture="moments",
)
def _(crew: Crew, place: Place, platform: Platform, accounts: Accounts) -> tuple[Moment, ...]:
    return tuple(_moments(_broken_off(crew, place), place, platform, accounts))


@when(
    "its agents make one call after another, and its running total is asked for at another instance after each",
    target_fixture="moments",
)
def _(crew: Crew, place: Place, second_platform: Platform, accounts: Accounts) -> tuple[Moment, ...]:
    return tuple(_moments(_calls(crew, place), place, second_platform, accounts))


@when("its running total is asked for while an agent waits for the second call of its task", target_fixture="between")
def _(crew: Crew, place: Place, platform: Platform) -> Between:
    before = platform.costs_of_spec(place.spec).total_cost
    job = crew.workshop.job(place, calls=2)
    crew.workshop.start(job)
    with crew.workshop.at_work(job, after=1):
        shown = _grown(platform, place.spec, before)
    return Between(before=before, shown=shown, deed=crew.first_call(place, "design", job))


@then("it has grown by what the first call cost")
def _(accounts: Accounts, between: Between) -> None:
    wanted = Decimal(str(between.before)) + due.total(accounts.spent((between.deed,)))
    assert money.equal(between.shown, wanted), (
        f"between two calls of a task the spec's running total is {between.shown} USD, due are {wanted} USD"
    )


@then("each total is the sum of the spec's records by then, and what its calls cost by then")
def _(moments: Sequence[Moment]) -> None:
    for number, moment in enumerate(moments):
        for amount, what in ((moment.stored, "its records sum to"), (moment.due, "its calls cost")):
            assert money.equal(moment.shown, amount), (
                f"after step {number} the spec's running total is {moment.shown} USD, {what} {amount} USD"
            )


@when("the phases are summed before and after an agent works on a design task", target_fixture="growth")
def _(crew: Crew, place: Place) -> Growth:
    before = _phases(crew.platform)
    deed = crew.work(place, "design")
    after = _phases(crew.platform)
    return Growth(deed=deed, phases={phase: after[phase] - before[phase] for phase in PHASES})


@then("design has grown by what the task's calls cost, and no other phase has grown")
def _(accounts: Accounts, growth: Growth) -> None:
    wanted = due.sums(accounts.spent((growth.deed,)), lambda one: one.phase)
    wrong = [*_differences(growth.phases, wanted)]
    assert not wrong, f"the summaries of the phases grew otherwise than by the calls of a design task: {wrong}"


@then("its design phase costs what its design calls cost, and no other phase holds any of it")
@then("each of its phases costs what its calls cost")
def _(scene: Scene, accounts: Accounts, costs: SpecCosts) -> None:
    wanted = due.sums(accounts.spent(scene.own), lambda one: one.phase)
    wrong = [*_differences(costs.by_phase, wanted)]
    assert not wrong, f"phases of the spec cost something else than their calls: {'; '.join(wrong)}"


@then("its phases sum to its total")
def _(costs: SpecCosts) -> None:
    together = sum(map(_exact, costs.by_phase.values()), Decimal(0))
    assert money.equal(together, costs.total_cost), (
        f"the phases {dict(costs.by_phase)} sum to {together} USD, the total is {costs.total_cost} USD"
    )


@then("its total is what its calls cost, and the sum of its records")
def _(scene: Scene, accounts: Accounts, costs: SpecCosts) -> None:
    spent = accounts.spent(scene.own)
    amounts = ((due.total(spent), "its calls cost"), (_stored(accounts.rows(spent), scene.own), "its records sum to"))
    for amount, what in amounts:
        assert money.equal(costs.total_cost, amount), (
            f"the final total of the spec is {costs.total_cost} USD, {what} {amount} USD"
        )


@then("each of its agents costs what its calls cost")
def _(scene: Scene, accounts: Accounts, costs: SpecCosts) -> None:
    wanted = due.sums(accounts.spent(scene.own), lambda one: _agent(one.agent))
    shown = {_agent(agent): amount for agent, amount in costs.by_agent.items()}
    wrong = [*_differences(shown, wanted)]
    assert not wrong, f"agents cost something else than their calls: {'; '.join(wrong)}"


@then("its agents sum to its total")
def _(costs: SpecCosts) -> None:
    together = sum(map(_exact, costs.by_agent.values()), Decimal(0))
    assert money.equal(together, costs.total_cost), (
        f"the agents sum to {together} USD, their total is {costs.total_cost} USD"
    )


@then("what was reported for nobody is shown without an agent")
def _(scene: Scene, accounts: Accounts, costs: SpecCosts) -> None:
    wanted = due.total(one for one in accounts.spent(scene.own) if one.agent is None)
    seen = costs.by_agent.get(None)
    assert seen is not None, f"costs of {wanted} USD that belong to no agent are not shown as such"
    assert money.equal(seen, wanted), f"without an agent {seen} USD are shown, {wanted} USD were reported for nobody"


def _moments(steps: Iterable[Deed], place: Place, platform: Platform, accounts: Accounts) -> Iterator[Moment]:
    """The running total before the first step and after each."""
    deeds: list[Deed] = []
    yield _moment(place, platform, accounts, deeds)
    for deed in steps:
        deeds.append(deed)
        yield _moment(place, platform, accounts, deeds)


def _grown(platform: Platform, spec: str, before: float) -> float:
    """The running total once it is another than before, or as it stands after a while."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while (shown := platform.costs_of_spec(spec).total_cost) == before and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return shown


def _calls(crew: Crew, place: Place) -> Iterator[Deed]:
    """Deeds of one call each: of agents, streamed, failed, still open, reported and of nobody; others' lie between."""
    other = crew.elsewhere(place, phase="requirements")
    streaming = crew.workshop.agent(place.project, place.provider, place.model, streams=True)
    yield (first := crew.work(place, "design", calls=1))
    crew.work(other, "requirements", calls=1)
    yield crew.work(place, "design", calls=1, agent=streaming)
    yield crew.report(first, agent=place.agent)
    yield crew.report(first)
    yield crew.fail(place, "design")
    yield crew.begin(place, "design", crew.workshop.job(place, calls=1))


def _broken_off(crew: Crew, place: Place) -> Iterator[Deed]:
    """Deeds that the provider breaks off, plain and streamed."""
    streaming = crew.workshop.agent(place.project, place.provider, place.model, streams=True)
    for agent in (place.agent, streaming):
        yield from crew.break_off_in_both_ways(place, "design", agent=agent)


def _moment(place: Place, platform: Platform, accounts: Accounts, deeds: Sequence[Deed]) -> Moment:
    shown = platform.costs_of_spec(place.spec).total_cost
    spent = accounts.spent(deeds)
    return Moment(shown=shown, stored=_stored(accounts.rows(spent), deeds), due=due.total(spent))


def _stored(rows: Iterable[Row], deeds: Iterable[Deed]) -> Decimal:
    """The sum of the records of some deeds' tasks."""
    tasks = {due.key(deed.task) for deed in deeds}
    return sum((_exact(row["total_cost"]) for row in rows if due.key(row["task_id"]) in tasks), Decimal(0))


def _phases(platform: Platform) -> dict[str, Decimal]:
    return {phase: _exact(platform.summary("phase", phase).total_cost) for phase in PHASES}


def _differences(seen: Mapping[K, Decimal | float], wanted: Mapping[K, Decimal]) -> Iterator[str]:
    """Where an amount is not the one that is due; what is left out is zero."""
    for of in sorted({*seen, *wanted}, key=str):
        if not money.equal(amount := seen.get(of, 0.0), owed := wanted.get(of, Decimal(0))):
            yield f"{of} {amount} USD instead of {owed} USD"


def _agent(agent: str | None) -> str:
    return NOBODY if agent is None else due.key(agent)


def _exact(amount: Decimal | float | None) -> Decimal:
    return Decimal(str(amount or 0))
