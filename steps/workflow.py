"""Steps about specs on their way from draft to completed, and the agents who work on them."""

import pytest
from pytest_bdd import given, then, when

from fixtures.accounts import Accounts
from fixtures.deeds import Crew
from fixtures.scenes import Scene, Scenes
from fixtures.workshop import Place
from harness.targets.terms import PHASES, STATUSES


@when("agents work on the design tasks of a spec, with noise around them", target_fixture="scene")
def _(request: pytest.FixtureRequest) -> Scene:
    # Asked for in the step, not as an argument: here work that cannot be done is the platform's failure.
    scenes: Scenes = request.getfixturevalue("scenes")
    return scenes.design()


@given("agents that worked on the design tasks of a spec, with noise around them", target_fixture="scene")
@given("a spec in design that cost something in several phases, with noise around it", target_fixture="scene")
def _(scenes: Scenes) -> Scene:
    return scenes.design()


@when("a spec is driven from draft to completed, with noise around it", target_fixture="scene")
def _(request: pytest.FixtureRequest) -> Scene:
    # Asked for in the step: here a way that does not lead to its end is the platform's failure.
    scenes: Scenes = request.getfixturevalue("scenes")
    return scenes.driven()


@given("a completed spec that cost something in several phases, with noise around it", target_fixture="scene")
@given(
    "a spec that was completed by two agents at work in every phase, with noise around it",
    target_fixture="scene",
)
def _(scenes: Scenes) -> Scene:
    return scenes.completed()


@given(
    "a spec that was completed after an agent failed and another one took over, with noise around it",
    target_fixture="scene",
)
def _(scenes: Scenes) -> Scene:
    return scenes.retried()


@given(
    "a spec that was completed by two agents of one name, one of whom failed at a task, with noise around it",
    target_fixture="scene",
)
def _(scenes: Scenes) -> Scene:
    return scenes.failed()


@given("a spec in design with noise around it", target_fixture="place")
def _(crew: Crew) -> Place:
    crew.workshop.noise()
    place = crew.workshop.place()
    crew.workshop.advance(place.spec, to="design")
    return place


@then("the platform showed draft, requirements, design, executing and completed, in this order")
def _(scene: Scene) -> None:
    now = scene.platform.status_of_spec(scene.spec)
    assert scene.statuses == STATUSES, f"the platform showed the spec in {', '.join(scene.statuses)}, in this order"
    assert now == STATUSES[-1], f"a spec that was shown as {STATUSES[-1]} is now shown as {now}"


@then("calls were made in every phase")
def _(scene: Scene, accounts: Accounts) -> None:
    served = {one.phase for one in accounts.called([deed for deed in scene.own if deed.marker])}
    assert served == set(PHASES), f"agents called their provider in {', '.join(sorted(served))} alone"
