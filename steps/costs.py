"""Steps about recorded costs: who spent them, and what their rows hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_bdd import given, then, when

from fixtures.inputs import Draw
from harness.observe.sql import Sql
from harness.probes.pricing import PriceList
from harness.targets.platform import Platform
from harness.targets.terms import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A call of another project, spec, task and agent, whose cost must stay out of whatever is looked at."""

    call: Call
    task_id: str
    agent_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """A task and an agent beside noise, a call of theirs, and our own look at the database."""

    platform: Platform
    database: Sql
    noise: Noise
    owners: Mapping[str, str]
    call: Call


@given("a task and an agent with noise around them", target_fixture="spender")
def _(platform: Platform, prices: PriceList, database: Sql, draw: Draw) -> Spender:
    noise = prepare_noise(platform, prices, draw)
    call = draw.call(*draw.random.choice(prices.listed()))
    return Spender(platform=platform, database=database, noise=noise, owners=make_owners(platform, draw), call=call)


@when("a call of theirs is recorded", target_fixture="stored")
def _(spender: Spender) -> Sequence[Mapping[str, Any]]:
    record_noise(spender.platform, spender.noise)
    spender.platform.record_cost(spender.call, task_id=spender.owners["task"], agent_id=spender.owners["agent"])
    tokens = (spender.call.prompt_tokens, spender.call.completion_tokens)
    query = "SELECT * FROM cost_records WHERE prompt_tokens = %s AND completion_tokens = %s"
    return spender.database.rows("the recorded call in the database", query, tokens)


@then("its row holds the provider, the model and the tokens of the call, and their sum")
def _(spender: Spender, stored: Sequence[Mapping[str, Any]]) -> None:
    call = spender.call
    wanted = {
        "provider": call.provider,
        "model": call.model,
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.completion_tokens,
        "total_tokens": call.prompt_tokens + call.completion_tokens,
    }
    assert len(stored) == 1, f"one call was recorded, {len(stored)} rows hold its tokens"
    wrong = [
        f"{name} is {stored[0][name]} instead of {value}" for name, value in wanted.items() if stored[0][name] != value
    ]
    assert not wrong, f"the row differs from the call: {'; '.join(wrong)}"


@then("its row refers to that task and that agent")
def _(spender: Spender, stored: Sequence[Mapping[str, Any]]) -> None:
    assert len(stored) == 1, f"one call was recorded, {len(stored)} rows hold its tokens"
    found = f"task {stored[0]['task_id']} and agent {stored[0]['agent_id']}"
    assert refers(stored[0], spender.owners), f"the row refers to {found}, the call was of {spender.owners}"


def make_owners(platform: Platform, draw: Draw) -> dict[str, str]:
    """A task in a project and spec of its own, and an agent beside it."""
    project = platform.create_project(draw.word("project"))
    task = platform.create_task(platform.create_spec(project, draw.word("spec")), draw.word("task"))
    return {"task": task, "agent": platform.create_agent(project, draw.word("agent"))}


def refers(row: Mapping[str, Any], owners: Mapping[str, str]) -> bool:
    """Whether a row names these owners; keys may be written with dashes or without."""
    return all(str(row[f"{owner}_id"]).replace("-", "") == key.replace("-", "") for owner, key in owners.items())


def make_noise(platform: Platform, prices: PriceList, draw: Draw) -> None:
    """Have costs of others recorded."""
    record_noise(platform, prepare_noise(platform, prices, draw))


def prepare_noise(platform: Platform, prices: PriceList, draw: Draw) -> Noise:
    """Everything that costs of others need, of a model that the file lists."""
    owners = make_owners(platform, draw)
    call = draw.call(*draw.random.choice(prices.listed()))
    return Noise(call=call, task_id=owners["task"], agent_id=owners["agent"])


def record_noise(platform: Platform, noise: Noise) -> None:
    """Have the cost of others recorded."""
    platform.record_cost(noise.call, task_id=noise.task_id, agent_id=noise.agent_id)
