"""Steps about the events of recorded costs: which rows they tell, how often, and to whom."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures.announcements import RECORDED, Announcements, Report, Row, nobody_like, unlike
from fixtures.burst import Callers
from fixtures.events import Subscribers
from fixtures.workshop import Place, Workshop, granted, taken
from harness.errors import CannotTell, DidNotCome, PlatformMisbehaved
from harness.observe.events import Event, Events
from harness.observe.veto import Moment, Veto
from harness.targets.platform import Platform

OTHER: Final = "budget.exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Costs that are watched on the bus, and the tasks that they are of."""

    costs: Announcements
    tasks: tuple[str, ...]
    agent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Where an agent is to work, and what watches its costs."""

    costs: Announcements
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A report that must be refused, and whether the platform took it; an error of its own is a refusal too."""

    report: Report
    taken: bool


@given("a task and an agent whose costs are watched on the bus, with noise around them", target_fixture="wire")
def _(new_announcements: Callable[[], Announcements]) -> Watch:
    costs = new_announcements()
    task, agent = task_and_agent(costs)
    return Watch(costs=costs, tasks=(task,), agent=agent)


@given(
    parsers.re(
        r"an agent that calls its provider (?P<manner>in one piece|with a stream), "
        "whose costs are watched on the bus, with noise around them"
    ),
    target_fixture="run",
)
def _(new_announcements: Callable[[], Announcements], workshop: Workshop, manner: str) -> Run:
    place = workshop.place(streams=manner == "with a stream")
    workshop.advance(place.spec, to="requirements")
    return Run(costs=new_announcements(), place=place)


@given("a task of three calls that it worked on", target_fixture="wire")
def _(workshop: Workshop, run: Run) -> Watch:
    job = workshop.job(run.place, calls=3)
    workshop.start(job)
    granted(workshop.platform.run_task(job.task))
    return Watch(costs=run.costs, tasks=(job.task,))


@given("a second instance of the platform where they are reported too", target_fixture="instances")
def _(wire: Watch, second_platform: Platform) -> tuple[Platform, Platform]:
    wire.costs.fence_at(second_platform)
    return wire.costs.platform, second_platform


@given(
    parsers.re(r"a database that will refuse the next cost of the task (?P<moment>at once|at its commit)"),
    target_fixture="refused",
)
def _(wire: Watch, veto: Veto, moment: Moment) -> Report:
    call = wire.costs.draw.call(wire.costs.draw.word("provider"), wire.costs.draw.word("model"))
    veto.against(call.model, moment=moment)
    return Report(call=call, task=wire.tasks[0])


@given("two subscribers of cost.recorded and one of another type", target_fixture="listeners")
def _(subscribers: Subscribers) -> tuple[Events, Events, Events]:
    return subscribers.to(RECORDED), subscribers.to(RECORDED), subscribers.to(OTHER)


@given(
    parsers.parse("{number:d} callers with a task each, whose costs are watched on the bus, with noise around them"),
    target_fixture="wire",
)
def _(new_announcements: Callable[[], Announcements], callers: Callers, number: int) -> Watch:
    callers.assemble(number)
    return Watch(costs=new_announcements(), tasks=callers.tasks)


@when(parsers.re("a call of (?:the )?(?P<spender>agent|nobody) is reported for the task"))
def _(wire: Watch, spender: str) -> None:
    agent = wire.agent if spender == "agent" else None
    wire.costs.platform.record_cost(wire.costs.call(), task_id=wire.tasks[0], agent_id=agent)


@when(parsers.parse("{number:d} calls of the agent are reported for the task, by turns at the two instances"))
def _(wire: Watch, instances: tuple[Platform, Platform], number: int) -> None:
    for instance in islice(cycle(instances), number):
        instance.record_cost(wire.costs.call(), task_id=wire.tasks[0], agent_id=wire.agent)


@when("a call of a model that the file does not list is reported for the task, and one without a token")
def _(wire: Watch) -> None:
    draw, platform = wire.costs.draw, wire.costs.platform
    platform.record_cost(draw.call(draw.word("provider"), draw.word("model")), task_id=wire.tasks[0])
    # Whether that is a call at all is up to the platform; only what it records is to be announced.
    nothing = replace(wire.costs.call(), prompt_tokens=0, completion_tokens=0)
    platform.try_cost(nothing, task_id=wire.tasks[0], agent_id=wire.agent)


@when(
    "a call of an agent is recorded in every way that the platform offers, each for a task of its own",
    target_fixture="ways",
)
def _(wire: Watch) -> Mapping[str, str]:
    costs, ways = wire.costs, dict[str, str]()
    for way in costs.platform.ways_to_record():
        call = costs.call(of=way.provider)
        ways[way.name], agent = task_and_agent(costs)
        costs.platform.record_in(way, call, costing=costs.due(call), task_id=ways[way.name], agent_id=agent)
    return ways


@when("the rows of the task are read", target_fixture="rows")
def _(wire: Watch) -> Sequence[Row]:
    rows = wire.costs.rows(wire.tasks)
    if not rows:
        raise CannotTell("the run left no row, so there was nothing to announce")
    return rows


@when("that cost is reported for the task")
def _(wire: Watch, refused: Report) -> None:
    # What the platform answers when its database refuses is the subject of others; here it only must be over.
    try:
        taken(lambda: wire.costs.platform.try_cost(refused.call, task_id=refused.task, agent_id=wire.agent))
    except PlatformMisbehaved as error:
        message = "the platform did not answer when its database refused a cost, and may still be at it"
        raise CannotTell(message, causes=(str(error),)) from error


@when(
    parsers.parse("they report {number:d} costs at once, and {unknown:d} for tasks that do not exist"),
    target_fixture="strays",
)
def _(wire: Watch, callers: Callers, number: int, unknown: int) -> Sequence[Report]:
    strays = callers.calls(unknown, [nobody_like(wire.tasks[0], wire.costs.draw) for _ in range(unknown)])
    callers.report(callers.calls(number, wire.tasks), strays)
    return strays


@when("a call is reported for a task that does not exist", target_fixture="attempt")
def _(wire: Watch) -> Attempt:
    stray = Report(call=wire.costs.call(), task=nobody_like(wire.tasks[0], wire.costs.draw))
    wire.costs.platform.record_cost(wire.costs.call(), task_id=wire.tasks[0], agent_id=wire.agent)
    return Attempt(report=stray, taken=taken(lambda: wire.costs.platform.try_cost(stray.call, task_id=stray.task)))


@then("exactly one cost.recorded event tells each row of the task as it is stored")
def _(wire: Watch) -> None:
    tell_each(wire.costs, wire.costs.rows(wire.tasks))


@then("by each way a row is stored, and exactly one cost.recorded event tells it as it is stored")
def _(wire: Watch, ways: Mapping[str, str]) -> None:
    for way, task in ways.items():
        rows = wire.costs.rows((task,))
        assert rows, f"by {way}: a cost was recorded, and no row is stored"
        try:
            tell_each(wire.costs, rows)
        except AssertionError as error:
            raise AssertionError(f"by {way}: {error}") from error
        except DidNotCome as error:
            raise DidNotCome(f"by {way}: {error.message}", channel=error.channel) from error


@then(parsers.parse("exactly one cost.recorded event tells each row of the {number:d}"))
def _(wire: Watch, number: int) -> None:
    rows = wire.costs.rows(wire.tasks)
    assert len(rows) == number, f"{number} costs were recorded, {len(rows)} rows are stored"
    tell_each(wire.costs, rows)


@then("neither a row nor an event tells of a cost for a task that does not exist")
def _(wire: Watch, strays: Sequence[Report]) -> None:
    tell_none(wire, strays)


@then("it is refused")
def _(attempt: Attempt) -> None:
    assert not attempt.taken, "a cost for a task that does not exist was taken"


@then("neither a row nor an event tells of it")
def _(wire: Watch, attempt: Attempt) -> None:
    tell_none(wire, [attempt.report])


@then("neither a row nor an event tells of that cost")
def _(wire: Watch, refused: Report) -> None:
    tell_none(wire, [refused])


@then("each of the two receives exactly one event for it")
def _(wire: Watch, listeners: Sequence[Events]) -> None:
    rows = wire.costs.rows(wire.tasks)
    for listener in listeners[:2]:
        received = wire.costs.of_rows(rows, events=listener)
        assert len(received) == len(rows) == 1, f"for {len(rows)} row, a subscriber received {len(received)} events"


@then("the one of another type receives none")
def _(subscribers: Subscribers, listeners: Sequence[Events]) -> None:
    subscribers.show_sign(OTHER, listeners[2])
    received = listeners[2].of(RECORDED, lambda _: True, claim=f"received by a subscriber of {OTHER}")
    assert not received, f"a subscriber of {OTHER} received {len(received)} events of recorded costs"


def task_and_agent(costs: Announcements) -> tuple[str, str]:
    """A task in a project and spec of its own, and an agent of that project."""
    project = costs.platform.create_project(costs.draw.word("project"))
    spec = costs.platform.create_spec(project, costs.draw.word("spec"))
    task = costs.platform.create_task(spec, costs.draw.word("task"))
    return task, costs.platform.create_agent(project, costs.draw.word("agent"))


def tell_each(costs: Announcements, rows: Sequence[Row]) -> None:
    """Demand that every row is told by one event, as it is stored, and that no event is left over."""
    assert rows, "a cost was recorded, and no row is stored"
    events = list(costs.of_rows(rows))
    untold = [row for row in rows if not take(events, row)]
    if untold and events:
        differences = "; ".join(min((unlike(untold[0], event) for event in events), key=len))
        assert not differences, f"{RECORDED} differs from its row: {differences}"
    assert not untold, f"{len(untold)} of {len(rows)} rows have no event of their own"
    assert not events, f"{len(events)} events of {RECORDED} too many for {len(rows)} rows"


def take(events: list[Event], row: Row) -> bool:
    """Take the event that tells a row as it is stored out of the list, if there is one."""
    found = next((place for place, event in enumerate(events) if not unlike(row, event)), None)
    if found is not None:
        events.pop(found)
    return found is not None


def tell_none(wire: Watch, refused: Sequence[Report]) -> None:
    """Demand that refused costs have left neither rows nor events."""
    told = wire.costs.of_refused(refused, known=wire.tasks)
    stored = [one for one in refused if wire.costs.rows_like(one.call)]
    assert not stored, f"{len(stored)} of {len(refused)} costs that cannot be stored have rows"
    assert not told, f"{RECORDED} was published for {len(told)} costs that have no row"
