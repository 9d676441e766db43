"""Steps about what a project costs when a spec is created in it."""

from dataclasses import dataclass, replace

from pytest_bdd import given, then, when

from fixtures import accounts as due
from fixtures.accounts import Accounts
from fixtures.deeds import Crew, Deed
from fixtures.inputs import Draw
from fixtures.scenes import Scenes
from harness import money
from harness.targets.platform import Platform
from harness.targets.terms import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """A project, what was done in it, and its specs."""

    platform: Platform
    project: str
    specs: tuple[str, ...]
    deeds: tuple[Deed, ...]


@given("costs of another project")
def _(crew: Crew) -> None:
    crew.workshop.noise()


@given("costs of two specs of a project, called for and reported", target_fixture="spending")
def _(crew: Crew) -> Spending:
    place = crew.workshop.place()
    crew.workshop.advance(place.spec, to="requirements")
    other = crew.elsewhere(place, phase="requirements")
    deeds = (crew.work(place, "requirements"), crew.work(other, "requirements"))
    reported = crew.report(deeds[0]), crew.report(deeds[1], agent=place.agent)
    specs = (place.spec, other.spec)
    return Spending(platform=crew.platform, project=place.project, specs=specs, deeds=(*deeds, *reported))


@given("costs of two specs of a project on tickets of its own, and of tasks of no spec", target_fixture="spending")
def _(crew: Crew) -> Spending:
    place = crew.workshop.place()
    crew.workshop.advance(place.spec, to="requirements")
    other = crew.elsewhere(place, phase="requirements")
    common, lonely = (crew.platform.create_ticket(place.project, crew.workshop.draw.word("ticket")) for _ in range(2))
    deeds = [crew.work(place, "requirements"), crew.work(other, "requirements", ticket=common)]
    deeds += (*crew.beside_specs(common), *crew.beside_specs(lonely))
    specs = (place.spec, other.spec)
    return Spending(platform=crew.platform, project=place.project, specs=specs, deeds=tuple(deeds))


@given("costs of a completed spec of a project, and of another one in requirements", target_fixture="spending")
def _(scenes: Scenes) -> Spending:
    scene = scenes.completed()
    return Spending(platform=scene.platform, project=scene.project, specs=scene.specs, deeds=scene.deeds)


@when("a spec is created in a project of its own", target_fixture="spending")
def _(crew: Crew) -> Spending:
    place = crew.workshop.place()
    return Spending(platform=crew.platform, project=place.project, specs=(place.spec,), deeds=())


@when("a spec is created in that project", target_fixture="spending")
def _(draw: Draw, spending: Spending) -> Spending:
    created = spending.platform.create_spec(spending.project, draw.word("spec"))
    return replace(spending, specs=(*spending.specs, created))


@then("the project's summary is zero")
def _(spending: Spending) -> None:
    summary = spending.platform.summary("project", spending.project)
    seen = (summary.total_cost, summary.total_tokens or 0, summary.record_count or 0)
    assert seen == (0, 0, 0), f"a project without a call has cost {seen[0]} USD, {seen[1]} tokens, {seen[2]} records"


@then("the project's summary is the sum of what its tasks cost")
def _(accounts: Accounts, spending: Spending) -> None:
    spent = accounts.spent(spending.deeds)
    summary = spending.platform.summary("project", spending.project)
    assert money.equal(summary.total_cost, due.total(spent)), (
        f"the project's summary is {summary.total_cost} USD, its calls cost {due.total(spent)} USD"
    )
    wanted = Summary(total_cost=0.0, total_tokens=sum(sum(one.tokens) for one in spent), record_count=len(spent))
    for name in ("total_tokens", "record_count"):
        seen, owed = getattr(summary, name), getattr(wanted, name)
        assert seen in (None, owed), f"the project's summary says {seen} as {name}, its calls make {owed}"


@then("the summaries of its specs are what their own tasks cost, with nothing for the new one")
def _(accounts: Accounts, spending: Spending) -> None:
    own = due.sums(accounts.spent(spending.deeds), lambda one: one.spec)
    for spec in spending.specs:
        seen, owed = spending.platform.summary("spec", spec).total_cost, own.get(spec, 0)
        assert money.equal(seen, owed), f"the summary of the spec {spec} is {seen} USD, its calls cost {owed} USD"
