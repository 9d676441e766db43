"""Steps about who may see and change what: costs, limits, and everybody around a project."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_bdd import given, parsers, then, when

from fixtures import premises
from fixtures.access import Detours, OwnersAttempts, View
from fixtures.inputs import Draw
from fixtures.premises import ADMINISTRATOR_ELSEWHERE, People, Premises
from harness.errors import CannotTell, LacksCapability
from harness.observe.doorway import Told
from harness.probes.access import Access, Shared
from harness.probes.departure import Aftermath, Deeds, Departure
from harness.probes.overrides import Attempt, Overrides, Recorded

_MOST_SHOWN = 5
RECORDERS = ("member", "project owner", "organisation owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody who asked, and what they were told."""

    who: str
    told: Sequence[Told]


@given("a project with costs and limits and people around it", target_fixture="scene")
def _(view: View) -> People:
    return view.people


@when(parsers.parse("every operation about its money is asked as {who}"), target_fixture="asked")
def _(access: Access, who: str) -> Asked:
    return Asked(who=who, told=access.insider(who))


@then("each answer shows the amounts that it shows to anybody of the project")
def _(access: Access, asked: Asked) -> None:
    if not asked.told and access.unasked:
        raise CannotTell(f"what might show the costs could not be asked: {'; '.join(access.unasked)}")
    assert asked.told, "no operation that the platform describes shows anybody of the project what it cost"
    lacking = [one for one in asked.told if not access.shows_all(one)]
    assert not lacking, f"the {asked.who} is not shown what others of the project are: {listed(lacking)}"


@when("every cost route is asked by everybody of it", target_fixture="failing")
def _(access: Access) -> Sequence[str]:
    return access.failing()


@then("each question is answered or refused to somebody")
def _(failing: Sequence[str]) -> None:
    assert not failing, f"to everybody of the project the platform fails on: {'; '.join(failing[:_MOST_SHOWN])}"


@when(parsers.parse("scopes beyond one project are asked for as {who}"), target_fixture="asked")
def _(access: Access, who: str) -> Asked:
    return Asked(who=who, told=access.wide(who))


@then("each of them that anybody is shown is shown")
def _(asked: Asked) -> None:
    assert asked.told, "no operation that the platform describes shows any administrator more than one project"
    lacking = [one for one in asked.told if not one.money]
    assert not lacking, f"the {asked.who} is not shown scopes beyond one project: {listed(lacking)}"


@then("none of them is shown")
def _(asked: Asked) -> None:
    shown = [one for one in asked.told if one.money]
    assert not shown, f"the {asked.who} is shown scopes beyond their project: {listed(shown)}"


@then("no limit of such a scope is among whatever they are shown")
def _(access: Access, asked: Asked) -> None:
    shown = [f"{one.question.label} answered with {one.beyond}" for one in access.beyond(asked.who)]
    assert not shown, f"the {asked.who} is shown limits beyond their project: {'; '.join(shown[:_MOST_SHOWN])}"


@when("scopes beyond one project are asked for by administrators of another organisation", target_fixture="shared")
def _(access: Access, scene: People) -> Sequence[Shared]:
    own, others, added = scene.token("organisation owner"), scene.tokens(ADMINISTRATOR_ELSEWHERE), scene.sums()
    return [one for name, token in others.items() for one in access.abroad(name, token, own, added)]


@then("nothing of what the project's own administrators are told is among what they are shown")
def _(shared: Sequence[Shared]) -> None:
    assert not shared, f"they are shown another organisation's: {'; '.join(map(str, shared[:_MOST_SHOWN]))}"


@when(parsers.parse("every operation about its money is asked from outside: {who}"), target_fixture="asked")
def _(access: Access, scene: People, who: str) -> Asked:
    administers = who == ADMINISTRATOR_ELSEWHERE
    asking = scene.tokens(who).items()
    known = who not in premises.NOBODY
    told = [one for name, token in asking for one in access.outsider(name, token, administers=administers, known=known)]
    return Asked(who=who, told=told)


@when("every operation about its money is asked by owners elsewhere who name their own project", target_fixture="asked")
def _(access: Access, watched: Premises, detours: Detours) -> Asked:
    ways = detours.telling(watched)
    told = [told for one in ways for told in access.by_way(one.who, one.token, one.questions)]
    return Asked(who="owners elsewhere", told=told)


@then("no answer shows anything of the project")
def _(asked: Asked) -> None:
    shown = [f"{one.question.label} answered {one.who} with {one.secrets}" for one in asked.told if one.secrets]
    assert not shown, f"the project is shown: {'; '.join(shown[:_MOST_SHOWN])}"


@then("none tells what members are told")
def _(access: Access, asked: Asked) -> None:
    told = [one for one in asked.told if access.told_inside(one)]
    assert not told, f"{asked.who} is told what members are told: {listed(told)}"


@then("whatever members are told is either answered or refused")
def _(access: Access, asked: Asked) -> None:
    broken = [one for one in asked.told if access.broken(one)]
    assert not broken, f"{asked.who} is neither answered nor refused: {listed(broken)}"


@when(parsers.parse("every operation about money is asked without naming anything as {who}"), target_fixture="asked")
def _(access: Access, who: str) -> Asked:
    return Asked(who=who, told=access.unfiltered(who))


@then("nothing of another organisation is among what is shown")
def _(asked: Asked) -> None:
    foreign = [f"{one.question.label} answered with {one.foreign}" for one in asked.told if one.foreign]
    assert not foreign, f"the {asked.who} is shown another organisation's: {'; '.join(foreign[:_MOST_SHOWN])}"


@given("a project with costs and limits that somebody wants to change", target_fixture="scene")
def _(guarded: Premises) -> Premises:
    return guarded


@when(parsers.parse("every operation that records costs is asked as {who}"), target_fixture="recorded")
def _(overrides: Overrides, scene: Premises, who: str) -> Sequence[Recorded]:
    return [one for name, token in scene.tokens(who).items() for one in overrides.recording(name, token)]


@then("no cost is stored, and one by somebody of the project is")
def _(overrides: Overrides, scene: Premises, recorded: Sequence[Recorded]) -> None:
    if not recorded and (unasked := overrides.unasked("cost")):
        raise CannotTell(f"what might record a cost could not be asked: {'; '.join(unasked)}")
    if not recorded:
        raise LacksCapability("the platform offers no operation that records a cost")
    stored = [one.told for one in recorded if one.stored]
    assert not stored, f"the stored costs are others than before: {'; '.join(stored[:_MOST_SHOWN])}"
    for who in RECORDERS:
        if any(one.stored for one in overrides.recording(who, scene.token(who))):
            return
    raise CannotTell("nobody of the project records a cost by these operations either, so a refusal says nothing")


@when("a member who follows the project is removed, and costs are recorded after that", target_fixture="aftermath")
def _(departure: Departure, scene: Premises, draw: Draw) -> Aftermath:
    leaving, staying = (scene.platform.person("member", scene.project) for _ in range(2))
    deeds = Deeds(
        remove=lambda: scene.platform.remove(leaving, scene.project),
        spend=lambda: scene.spend(draw),
        recognise=lambda: premises.marks(scene),
    )
    return departure.watch(leaving.token, staying.token, deeds)


@then("they are shown nothing of it any more, neither where they look nor where they went on listening")
def _(aftermath: Aftermath) -> None:
    leaked = "; ".join(aftermath.leaked[:_MOST_SHOWN])
    assert not aftermath.leaked, f"who was removed is still shown the project: {leaked}"
    if aftermath.silent:
        raise CannotTell(f"who stayed is told of no cost any more either: {'; '.join(aftermath.silent)}")
    if aftermath.unheard:
        raise CannotTell(f"no stream tells two members of a cost, so none was followed: {'; '.join(aftermath.unheard)}")
    if not aftermath.before:
        raise CannotTell("nothing showed a member the project, so nothing follows from what it shows them later")


@when(parsers.parse("every operation that changes a budget is asked as {who}"), target_fixture="attempts")
def _(overrides: Overrides, owners_attempts: OwnersAttempts, who: str) -> Sequence[Attempt]:
    if not overrides.budget_questions() and (unasked := overrides.unasked("budget")):
        raise CannotTell(f"what might change a budget could not be asked: {'; '.join(unasked)}")
    if not overrides.budget_questions():
        raise LacksCapability("the platform describes no operation that sets, changes or removes a budget")
    return overrides.of_owner(who, owners_attempts)


@then("the database holds what was asked for")
def _(attempts: Sequence[Attempt]) -> None:
    assert attempts, "no owner could set, change or remove a budget by any operation that is there for it"
    lacking = [one for one in attempts if not one.achieved]
    assert not lacking, f"what an owner asked for, and is granted to one at least, is not stored: {said(lacking)}"


@when(
    parsers.parse("every operation that writes is asked as {who}, also with fields beside it"),
    target_fixture="attempts",
)
def _(overrides: Overrides, scene: Premises, who: str) -> Sequence[Attempt]:
    asked, spared, asking = scene.cast.values, scene.spared(who), scene.tokens(who).items()
    return [one for name, token in asking for one in overrides.everything(name, token, asked, spared=spared)]


@when("every operation that writes is asked by owners elsewhere who name their own project", target_fixture="attempts")
def _(overrides: Overrides, scene: Premises, detours: Detours) -> Sequence[Attempt]:
    ways = detours.writing(scene)
    return [attempt for one in ways for attempt in overrides.attempts(one.who, one.token, one.questions)]


@when(
    parsers.parse("every operation that changes limits beyond one project is asked as {who}"),
    target_fixture="attempts",
)
def _(overrides: Overrides, scene: Premises, who: str) -> Sequence[Attempt]:
    return overrides.wide(who, scene.token(who), [one.budget for one in scene.wide])


@then("the stored limits are what they were, and an owner's change is stored")
def _(overrides: Overrides, scene: Premises, attempts: Sequence[Attempt]) -> None:
    changed = [one for one in attempts if one.changes]
    assert not changed, f"limits are others than before: {said(changed)}"
    demand_owner_may(overrides, scene)


@when(parsers.parse("a limit of {raw} is asked for by an owner"), target_fixture="attempts")
def _(overrides: Overrides, scene: Premises, raw: str) -> Sequence[Attempt]:
    return overrides.unsound("organisation owner", scene.token("organisation owner"), raw)


@then("it is refused, the stored limits are what they were, and a sound one is stored")
def _(overrides: Overrides, scene: Premises, attempts: Sequence[Attempt]) -> None:
    changed = [one for one in attempts if one.changes]
    assert not changed, f"it is stored: {said(changed)}"
    taken = [one.told for one in attempts if one.told.granted]
    assert not taken, f"it is not refused: {listed(taken)}"
    demand_owner_may(overrides, scene)
    broken = [one for one in attempts if one.told.broken]
    assert not broken, f"it is neither refused nor taken, though a sound one is: {said(broken)}"


def demand_owner_may(overrides: Overrides, scene: Premises) -> None:
    """What somebody else may not do counts only beside an owner who may; else nobody can tell."""
    done = overrides.twin("organisation owner", scene.token("organisation owner"))
    if done and not done[-1].achieved:
        raise CannotTell(f"no owner's change is stored either: {said(done)}")


def listed(told: Iterable[Told]) -> str:
    """The first few answers, in words."""
    return "; ".join([str(one) for one in told][:_MOST_SHOWN])


def said(attempts: Iterable[Attempt]) -> str:
    """The first few attempts, in words."""
    return "; ".join([str(one) for one in attempts][:_MOST_SHOWN])
