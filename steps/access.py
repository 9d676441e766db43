"""Steps about who may see and change what: costs, limits, and everybody around a project."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_bdd import given, parsers, then, when

from fixtures.access import OwnersAttempts
from fixtures.premises import Premises
from harness.errors import CannotTell, LacksCapability
from harness.observe.doorway import Told
from harness.probes.access import Access
from harness.probes.overrides import Attempt, Overrides, Recorded

_MOST_SHOWN = 5
RECORDERS = ("member", "project owner", "organisation owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody who asked, and what they were told."""

    who: str
    told: Sequence[Told]


@given("a project with costs and limits and people around it", target_fixture="scene")
def _(watched: Premises) -> Premises:
    return watched


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


@when(parsers.parse("every operation about its money is asked from outside: {who}"), target_fixture="asked")
def _(access: Access, scene: Premises, who: str) -> Asked:
    return Asked(
        who=who, told=[one for name, token in scene.tokens(who).items() for one in access.outsider(name, token)]
    )


@then("no answer shows anything of the project")
def _(asked: Asked) -> None:
    shown = [f"{one.question.label} answered {one.who} with {one.own}" for one in asked.told if one.own]
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
    stored = [one.told for one in recorded if one.stored]
    assert not stored, f"the stored costs are others than before: {listed(stored)}"
    for who in RECORDERS:
        twin = overrides.recording(who, scene.token(who))
        if not twin or any(one.stored for one in twin):
            return
    raise CannotTell("nobody of the project records a cost by these operations either, so a refusal says nothing")


@when(parsers.parse("every operation that changes a budget is asked as {who}"), target_fixture="attempts")
def _(overrides: Overrides, owners_attempts: OwnersAttempts, who: str) -> Sequence[Attempt]:
    if not overrides.budget_questions() and overrides.unasked:
        raise CannotTell(f"what might change a budget could not be asked: {'; '.join(overrides.unasked)}")
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
    asked = scene.cast.values
    return [one for name, token in scene.tokens(who).items() for one in overrides.everything(name, token, asked)]


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
    taken = [one.told for one in attempts if not one.told.refused]
    assert not taken, f"it is not refused: {listed(taken)}"
    demand_owner_may(overrides, scene)


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
