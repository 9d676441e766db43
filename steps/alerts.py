"""Steps about alerts: what crosses a budget's marks, and which events tell of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures import amounts
from fixtures.alerts import EXCEEDED, WARNING, Alarms, Purse, Watched
from fixtures.amounts import THRESHOLD
from fixtures.workshop import Job, Workshop, granted
from harness.errors import CannotTell
from harness.observe.events import Event
from harness.observe.ledger import Ledger
from harness.services.provider.stub import Served
from harness.targets.terms import BudgetScope, Call, Scope

KIND: Final = "(?:project|ticket|spec)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Watched budgets by the kind of their scope, the first first, and the fence behind which no alert comes."""

    alarms: Alarms
    budgets: Mapping[str, Watched]

    @property
    def budget(self) -> Watched:
        """The only or first budget."""
        return next(iter(self.budgets.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling(Watch):
    """Watched budgets that a purse fills, and budgets of others which it must not touch."""

    purse: Purse
    others: tuple[Watched, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brink(Watch):
    """A watched budget that runs low with the next call of a job; `left` is what may be spent before."""

    job: Job
    left: Decimal


@given(parsers.re(rf"a (?P<kind>{KIND}) with a watched budget, with noise around it"), target_fixture="watch")
def _(new_alarms: Callable[[BudgetScope], Alarms], kind: BudgetScope) -> Filling:
    return filling(new_alarms(kind), [kind])


@given(
    parsers.re(rf"a (?P<one>{KIND}) and its (?P<other>{KIND}) with a watched budget each, with noise around them"),
    target_fixture="watch",
)
def _(new_alarms: Callable[[BudgetScope], Alarms], one: BudgetScope, other: BudgetScope) -> Filling:
    return filling(new_alarms(one), [one, other])


@given(
    "a project with a watched budget and a task that is of none of its specs, with noise around it",
    target_fixture="watch",
)
def _(new_alarms: Callable[[BudgetScope], Alarms]) -> Filling:
    alarms = new_alarms("project")
    purse = alarms.purse_beside_specs()
    return Filling(alarms=alarms, budgets=purse.budgets, purse=purse)


@given("a spec with a watched budget, and budgets of others beside it", target_fixture="watch")
def _(new_alarms: Callable[[BudgetScope], Alarms]) -> Filling:
    return beside_others(new_alarms("spec"))


@given(
    parsers.re(rf"a watched (?P<kind>{KIND}) budget of a spec in executing, with noise around it"),
    target_fixture="watch",
)
def _(new_alarms: Callable[[BudgetScope], Alarms], workshop: Workshop, kind: BudgetScope) -> Filling:
    place = workshop.place()
    workshop.advance(place.spec, to="executing")
    return filling(new_alarms(kind), [kind], place=(place.project, place.spec))


@given("a spec in executing whose budget runs low with the next call, with noise around it", target_fixture="watch")
def _(new_alarms: Callable[[BudgetScope], Alarms], workshop: Workshop) -> Brink:
    return on_the_brink(new_alarms("spec"), workshop)


@when(parsers.re(r"costs take (?:the budget|both budgets) to (?P<marks>[\d, ]+) %"))
def _(watch: Filling, marks: str) -> None:
    for mark in marks.split(","):
        watch.purse.spend(int(mark))


@when("its agent works on a task of one call")
def _(watch: Brink, workshop: Workshop, ledger: Ledger) -> None:
    granted(workshop.platform.run_task(watch.job.task))
    spent = sum((cost_of(workshop, one) for one in ledger.calls(watch.job.marker)), Decimal(0))
    if spent < watch.left:
        raise CannotTell(f"the run cost {spent} USD by our own ledger, too little to cross the mark")


@then(parsers.re(r"(?P<event_type>budget\.\w+) tells it exactly once"))
def _(watch: Watch, event_type: str) -> None:
    budget = watch.budget
    once(watch.alarms, event_type, budget.is_told_by, whose=f"the {budget.scope.kind} budget")


@then(parsers.re(r"(?P<event_type>budget\.\w+) does not tell it"))
def _(watch: Watch, event_type: str) -> None:
    told = watch.alarms.told(event_type, watch.budget.is_told_by, claim="of a budget below the mark")
    assert not told, f"{event_type} was published for a budget of which less than that was spent: {told[0]}"


@then(parsers.re(rf"budget\.warning and budget\.exceeded each name the (?P<kind>{KIND}) once"))
def _(watch: Watch, kind: str) -> None:
    budget = watch.budgets[kind]
    for event_type in (WARNING, EXCEEDED):
        told = once(watch.alarms, event_type, budget.is_told_by, whose=f"the {kind} budget")
        named = " ".join(str(part) for part in told.scope)
        assert budget.is_named_by(told), (
            f"{event_type} of the {kind} budget names {named}, not {kind} {budget.scope.id}"
        )


@then("no event tells of the budget of another spec in the project, or of another project")
def _(watch: Filling) -> None:
    for event_type in (WARNING, EXCEEDED):
        told = watch.alarms.told(event_type, lambda event: about_any(event, watch.others), claim="of others' budgets")
        assert not told, f"{event_type} tells of a budget under which nothing was spent: {told[0]}"


def filling(alarms: Alarms, kinds: Sequence[BudgetScope], *, place: tuple[str, str] | None = None) -> Filling:
    """Budgets to be watched in a project."""
    purse = alarms.purse(place or alarms.spec(), kinds)
    return Filling(alarms=alarms, budgets=purse.budgets, purse=purse)


def beside_others(alarms: Alarms) -> Filling:
    """A spec's budget to be watched, beside tiny ones of another spec in its project and of another project."""
    project, spec = alarms.spec()
    purse = alarms.purse((project, spec), ["spec"])
    scopes = (Scope(kind="spec", id=alarms.spec(project)[1]), Scope(kind="project", id=alarms.spec()[0]))
    others = tuple(alarms.tiny(scope, purse.budget.limit) for scope in scopes)
    return Filling(alarms=alarms, budgets=purse.budgets, purse=purse, others=others)


def on_the_brink(alarms: Alarms, workshop: Workshop) -> Brink:
    """A job that may start under its spec's budget, with next to nothing left below 80 % of the limit."""
    platform, place = workshop.platform, workshop.place()
    workshop.advance(place.spec, to="executing")
    job = workshop.job(place, calls=1)
    before = workshop.draw.call(place.provider, place.model)
    left = platform.estimate(place.provider, place.model) / 50
    limit = (cost_of(workshop, before) + left) / THRESHOLD
    budget = alarms.watched(Scope(kind="spec", id=place.spec), limit)
    platform.record_cost(before, task_id=job.task)
    workshop.start(job)
    return Brink(alarms=alarms, budgets={"spec": budget}, job=job, left=left)


def cost_of(workshop: Workshop, call: Call | Served) -> Decimal:
    """What a call costs by the platform's own price list, exactly."""
    return amounts.due(workshop.prices, call).total


def once(alarms: Alarms, event_type: str, which: Callable[[Event], bool], *, whose: str) -> Event:
    """Demand that an event of a type tells of a budget, and that it is the only one; gives it."""
    alarms.events.await_event(event_type, which, claim=f"of {whose}")
    told = alarms.told(event_type, which, claim=f"of {whose}")
    assert len(told) == 1, f"{event_type} of {whose} was published {len(told)} times where once is due"
    return told[0]


def about_any(event: Event, budgets: Sequence[Watched]) -> bool:
    """Whether an event tells of one of these budgets."""
    return any(budget.is_told_by(event) for budget in budgets)
