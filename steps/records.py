"""Steps about the records of agents' calls: each there once, with the right task, provider, model, tokens and cost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product, zip_longest
from typing import Final

import pytest
from pytest_bdd import given, parsers, then, when

from fixtures.accounts import Accounts, Row, Spent, key
from fixtures.scenes import Scene, Scenes
from harness import money
from harness.targets.platform import Platform
from harness.targets.terms import Cost

SHOWN: Final = 4


@when(
    parsers.parse("an agent works on requirements tasks with {way} calls to {provider}, with noise around it"),
    target_fixture="scene",
)
def _(request: pytest.FixtureRequest, way: str, provider: str) -> Scene:
    return _scenes(request).requirements(provider, streams=way == "streamed")


@when(
    parsers.parse("the provider breaks off requirements tasks after some {way} calls to {provider}"),
    target_fixture="scene",
)
def _(request: pytest.FixtureRequest, way: str, provider: str) -> Scene:
    return _scenes(request).broken_off(provider, streams=way == "streamed")


@when(
    parsers.parse("two {way} calls to {provider} for a requirements task take the same tokens, with noise around it"),
    target_fixture="scene",
)
def _(request: pytest.FixtureRequest, way: str, provider: str) -> Scene:
    return _scenes(request).alike(provider, streams=way == "streamed")


@when("agents work on requirements tasks of three specs at the same time", target_fixture="scene")
def _(request: pytest.FixtureRequest) -> Scene:
    return _scenes(request).together()


@given(
    parsers.parse("an agent that worked on requirements tasks with {way} calls to {provider}, with noise around it"),
    target_fixture="scene",
)
def _(scenes: Scenes, way: str, provider: str) -> Scene:
    return scenes.requirements(provider, streams=way == "streamed")


@given("an agent that worked on requirements tasks of two specs, with noise around it", target_fixture="scene")
def _(scenes: Scenes) -> Scene:
    return scenes.requirements()


@given(
    parsers.parse("agents of every model of {provider} that worked on requirements tasks, with noise around them"),
    target_fixture="scene",
)
def _(scenes: Scenes, provider: str) -> Scene:
    return scenes.models(provider)


@when("the records of their calls are read", target_fixture="found")
@when("the records of its tasks are read", target_fixture="found")
def _(scene: Scene, accounts: Accounts) -> tuple[tuple[Spent, ...], list[Row]]:
    spent = accounts.called(scene.deeds)
    return spent, accounts.rows(spent)


@when("the costs of each task are asked for", target_fixture="shown")
def _(scene: Scene) -> Mapping[str, tuple[Cost, ...]]:
    return _shown(scene)


@then("each call has exactly one record, which names its task")
def _(scene: Scene, accounts: Accounts) -> None:
    spent = accounts.called(scene.deeds)
    rows = accounts.rows(spent)
    missing, strange = _misrecorded(spent, rows), _uncalled(spent, rows, refused=_refused(scene))
    # By turns, so that what is there instead is told beside what is missing.
    wrong = [one for pair in zip_longest(missing, strange) for one in pair if one is not None]
    assert not wrong, f"of {len(spent)} calls not each has one record with its task: {_listed(wrong)}"


@then("each record costs what the pricing file says for its call")
def _(scene: Scene, accounts: Accounts) -> None:
    spent = accounts.called(scene.deeds)
    wrong = [
        f"{row['total_cost']} USD instead of {one.cost} USD for {_named(one)}"
        for one, row in _matched(spent, accounts.rows(spent))
        if not money.equal(row["total_cost"] or 0.0, one.cost)
    ]
    assert not wrong, f"records cost something else than their calls: {_listed(wrong)}"


@then("each task is shown with exactly its own calls")
def _(scene: Scene, accounts: Accounts, shown: Mapping[str, tuple[Cost, ...]]) -> None:
    spent = accounts.called(scene.deeds)
    for task, costs in shown.items():
        due = sorted(one.tokens for one in spent if one.task == task)
        assert len(costs) == len(due), f"the interface lists {len(costs)} costs of a task with {len(due)} calls"
        # What an answer leaves out is the contract's matter; what it says has to be right.
        told = sorted((one.prompt_tokens, one.completion_tokens) for one in costs if one.prompt_tokens is not None)
        assert told in ([], due), f"the interface lists calls with the tokens {told} for a task whose calls took {due}"
        strange = [cost.task_id for cost in costs if cost.task_id is not None and key(cost.task_id) != key(task)]
        assert not strange, f"the interface lists costs of the tasks {strange} for the task {task}"


@then("each record names the provider and the model of its call, in the database and over the interface")
def _(scene: Scene, found: tuple[tuple[Spent, ...], list[Row]]) -> None:
    spent, rows = found
    stored = [(one, f"{row['provider']}/{row['model']}", "database") for one, row in _matched(spent, rows)]
    costs = [cost for listed in _shown(scene).values() for cost in listed]
    shown = [
        (one, f"{cost.provider or one.call.provider}/{cost.model or one.call.model}", "interface")
        for one in spent
        for cost in costs
        if (cost.prompt_tokens, cost.completion_tokens) == one.tokens
    ]
    assert stored, f"none of {len(spent)} calls has a record that holds its tokens"
    wrong = [
        f"{seen} in the {where} for {_named(one)}"
        for one, seen, where in (*stored, *shown)
        if seen != f"{one.call.provider}/{one.call.model}"
    ]
    assert not wrong, f"records name another provider or model than their calls: {_listed(wrong)}"


@then("each record holds the prompt, completion and total tokens of a call of its task")
def _(found: tuple[tuple[Spent, ...], list[Row]]) -> None:
    spent, rows = found
    tasks = {key(one.task) for one in spent}
    own = [row for row in rows if key(row["task_id"]) in tasks]
    assert own, f"{len(spent)} calls were served and their tasks have no record"
    wrong = [
        f"{row['prompt_tokens']} + {row['completion_tokens']} = {row['total_tokens']}"
        for task in tasks
        for row in _miscounted(
            [one.tokens for one in spent if key(one.task) == task],
            [row for row in own if key(row["task_id"]) == task],
        )
    ]
    assert not wrong, f"records hold tokens that the provider did not count for a call of their task: {_listed(wrong)}"


def _miscounted(calls: Sequence[tuple[int, int]], rows: Sequence[Row]) -> Sequence[Row]:
    """Records of a task that hold the tokens of none of its calls; fewer records than calls may hold them together."""
    shared = len(rows) < len(calls) and _hold_all([_tokens(row) for row in rows], calls)
    return [row for row in rows if not (shared or _tokens(row) in calls) or row["total_tokens"] != sum(_tokens(row))]


def _hold_all(held: Sequence[tuple[int, int]], calls: Sequence[tuple[int, int]]) -> bool:
    """Whether each call can be put to one of these, so that each of these is what those put to it took together."""
    places = product(range(len(held)), repeat=len(calls))
    return any([_together(calls, at, place) for place in range(len(held))] == list(held) for at in places)


def _together(calls: Sequence[tuple[int, int]], at: Sequence[int], place: int) -> tuple[int, int]:
    put = [call for call, where in zip(calls, at, strict=True) if where == place]
    return sum(prompt for prompt, _ in put), sum(completion for _, completion in put)


def _shown(scene: Scene) -> Mapping[str, tuple[Cost, ...]]:
    platform: Platform = scene.platform
    return {task: platform.costs_of_task(task) for task in dict.fromkeys(deed.task for deed in scene.deeds)}


def _scenes(request: pytest.FixtureRequest) -> Scenes:
    """The scenes, asked for in a step and not as its argument: work that cannot be done is the platform's failure."""
    scenes: Scenes = request.getfixturevalue("scenes")
    return scenes


def _misrecorded(spent: Iterable[Spent], rows: Sequence[Row]) -> Iterator[str]:
    """Calls that have no record, several ones, or one of another task."""
    for one in spent:
        found = [row for row in rows if _tokens(row) == one.tokens]
        if len(found) != (alike := sum(other.tokens == one.tokens for other in spent)):
            yield f"{len(found)} records hold the tokens of {_named(one)}" + f", and {alike} are due" * (alike > 1)
        elif strange := {key(row["task_id"]) for row in found} - {key(one.task)}:
            yield f"the record of {_named(one)} names the task {', '.join(strange)}"


def _refused(scene: Scene) -> Counter[str]:
    """How many requests for each task the provider refused."""
    return Counter({key(deed.task): deed.refused for deed in scene.deeds if deed.refused})


def _uncalled(spent: Iterable[Spent], rows: Iterable[Row], *, refused: Counter[str]) -> Iterator[str]:
    """Records of the tasks that belong to no call; a request that was refused may be written down as nothing."""
    known = {one.tokens for one in spent}
    for row in rows:
        task, nothing = key(row["task_id"]), not (any(_tokens(row)) or row["total_cost"])
        if nothing and refused[task]:
            refused[task] -= 1
        elif _tokens(row) not in known:
            prompt, completion = _tokens(row)
            yield f"a record of {prompt} + {completion} tokens of the task {row['task_id']} belongs to no call"


def _matched(spent: Iterable[Spent], rows: Sequence[Row]) -> list[tuple[Spent, Row]]:
    """Each call with every record that holds its tokens."""
    return [(one, row) for one in spent for row in rows if _tokens(row) == one.tokens]


def _tokens(row: Row) -> tuple[int, int]:
    return row["prompt_tokens"], row["completion_tokens"]


def _named(one: Spent) -> str:
    prompt, completion = one.tokens
    return f"a call to {one.call.provider}/{one.call.model} with {prompt} + {completion} tokens, of task {one.task}"


def _listed(wrong: Sequence[str]) -> str:
    shown = "; ".join(wrong[:SHOWN])
    return shown if len(wrong) <= SHOWN else f"{shown}; and {len(wrong) - SHOWN} more"
