"""Steps about what the pending tasks of a project or spec are expected to cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice, pairwise
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures.deeds import Crew
from fixtures.workshop import Place
from harness import money
from harness.probes.pricing import PriceFile, PriceList
from harness.targets.platform import Platform
from harness.targets.terms import Forecast, Scope

TASKS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What is forecast, where its tasks pile up, and what was forecast on the way."""

    scope: Scope
    places: tuple[Place, ...]
    seen: tuple[Forecast, ...] = ()

    def forecast(self, platform: Platform) -> Forecast:
        """What the platform expects now, at the price of the place's model."""
        return platform.forecast(self.scope, provider=self.places[0].provider, model=self.places[0].model)

    def turns(self) -> list[Place]:
        """Where one task after another is made."""
        return list(islice(cycle(self.places), TASKS))


@given("pending tasks of another project")
def _(crew: Crew) -> None:
    place = crew.workshop.place()
    for _ in range(TASKS):
        crew.workshop.job(place)


@given(parsers.parse("a {scope} without a task"), target_fixture="queue")
def _(crew: Crew, scope: str) -> Queue:
    return _queue(crew, scope)


@given(
    parsers.parse("a {scope} whose tasks were completed one by one, its forecast asked for before and after each"),
    target_fixture="queue",
)
def _(crew: Crew, scope: str) -> Queue:
    queue = _queue(crew, scope)
    for place in queue.places:
        crew.workshop.advance(place.spec, to="requirements")
    jobs = [crew.workshop.job(place, calls=1) for place in queue.turns()]
    seen = [queue.forecast(crew.platform)]
    for job in jobs:
        crew.workshop.do(job)
        seen.append(queue.forecast(crew.platform))
    return replace(queue, seen=tuple(seen))


@when("its forecast is asked for", target_fixture="forecast")
def _(platform: Platform, queue: Queue) -> Forecast:
    return queue.forecast(platform)


@when("tasks are made one by one and its forecast is asked for after each", target_fixture="forecasts")
def _(crew: Crew, queue: Queue) -> Sequence[Forecast]:
    seen = [queue.forecast(crew.platform)]
    for place in queue.turns():
        crew.workshop.job(place)
        seen.append(queue.forecast(crew.platform))
    return seen


@then("the forecast is zero")
def _(forecast: Forecast) -> None:
    counted = forecast.task_count or 0
    assert money.equal(forecast.estimated_cost, 0.0), f"{forecast.estimated_cost} USD are forecast for no pending task"
    assert counted == 0, f"the forecast counts {counted} tasks where none is pending"


@then("the forecast grows with each of them")
def _(forecasts: Sequence[Forecast]) -> None:
    amounts = [one.estimated_cost for one in forecasts]
    for number, (before, after) in enumerate(pairwise(amounts), start=1):
        assert after > before, f"pending task {number} takes the forecast from {before} USD to {after} USD"
    counts = [one.task_count for one in forecasts]
    assert all(count in (None, number) for number, count in enumerate(counts)), (
        f"with 0 to {len(counts) - 1} pending tasks the forecast counts {counts}"
    )


@then("the forecast fell with each completed task")
def _(queue: Queue) -> None:
    amounts = [one.estimated_cost for one in queue.seen]
    for number, (before, after) in enumerate(pairwise(amounts), start=1):
        assert after < before, f"completing task {number} of {TASKS} takes the forecast from {before} to {after} USD"


@then("each forecast is the number of pending tasks times what the pricing file expects of one")
def _(queue: Queue, forecasts: Sequence[Forecast], pricing_file: PriceFile, prices: PriceList) -> None:
    place = queue.places[0]
    one = pricing_file.expectation().of(prices.price(place.provider, place.model))
    for number, forecast in enumerate(forecasts):
        assert money.equal(forecast.estimated_cost, number * one), (
            f"{forecast.estimated_cost} USD are forecast for {number} pending tasks of {place.provider}/{place.model}; "
            f"by the pricing file one is expected to cost {one} USD"
        )


def _queue(crew: Crew, scope: str) -> Queue:
    """A project with two specs, or one spec beside another that has a pending task."""
    place = crew.workshop.place()
    other = replace(place, spec=crew.platform.create_spec(place.project, crew.workshop.draw.word("spec")))
    if scope == "project":
        return Queue(scope=Scope(kind="project", id=place.project), places=(place, other))
    crew.workshop.job(other)
    return Queue(scope=Scope(kind="spec", id=place.spec), places=(place,))
