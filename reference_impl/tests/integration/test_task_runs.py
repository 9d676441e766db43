"""Tasks run by agents: which calls are made, who is billed for them, and what stops them."""

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import create_engine, text

from demo.provider import FakeProvider
from people import call_of
from workshop import ANTHROPIC, OPENAI, Premises, Workshop, price

# Whoever waits inside a transaction, as PostgreSQL sees it from another connection.
INSIDE = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
"""


@pytest.fixture
def provider(premises: Premises) -> FakeProvider:
    """The provider that the agents of the shared platform call."""
    return premises.provider


@pytest.fixture
def executing(workshop: Workshop) -> Workshop:
    """A workshop whose spec is in executing."""
    workshop.advance(to="executing")
    return workshop


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("skill", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("calls", [1, 4])
def test_every_served_call_is_one_record(
    executing: Workshop, provider: FakeProvider, skill: dict[str, str], streams: bool, calls: int
) -> None:
    """Plain or streamed, a task's calls are billed one by one to the agent who runs it, cached tokens included."""
    asking, running = executing.hire("Asker"), executing.hire("Runner", streams=streams, **skill)
    task = executing.task("Build", description=f"(calls: {calls}) (cached: 300)", requested_by=asking)
    executing.assign(task, running)
    shown = executing.owner.make(f"/tasks/{task}/run")
    assert (shown["status"], shown["agent_id"], shown["requested_by"]) == ("running", running, asking)
    records = executing.records(task)
    assert len(records) == len(provider.served) == calls
    for record, served in zip(records, provider.served, strict=True):
        assert (record["provider"], record["model"], served.streamed) == (*skill.values(), streams)
        assert (record["prompt_tokens"], record["completion_tokens"]) == (
            served.prompt_tokens,
            served.completion_tokens,
        )
        assert Decimal(str(record["total_cost"])) == price(served)
        assert (record["agent_id"], "Build" in served.conversation) == (running, True)


def test_an_agent_stops_after_four_calls(executing: Workshop, provider: FakeProvider) -> None:
    """A provider that never comes to an end is not asked for ever."""
    task = executing.task("Build (calls: 9)")
    executing.assign(task)
    executing.owner.make(f"/tasks/{task}/run")
    assert len(provider.served) == len(executing.records(task)) == 4


@pytest.mark.parametrize("skill", [OPENAI, ANTHROPIC])
def test_a_provider_that_fails_costs_what_it_served(
    executing: Workshop, provider: FakeProvider, skill: dict[str, str]
) -> None:
    """The task fails, what it held is free again, the call before is billed, and a retry is possible."""
    budget = executing.limit("1")
    task, agent = executing.task("Build (calls: 3) (refused: 2)"), executing.hire("Eve", **skill)
    executing.assign(task, agent)
    failed = executing.owner.post(f"/tasks/{task}/run")
    assert (failed.status_code, failed.json()["type"]) == (502, "urn:omoi-os:problem:provider-failed")
    assert "asks to be refused" in failed.json()["detail"]
    assert executing.status(task) == "failed"
    assert len(executing.records(task)) == len(provider.served) == 1
    shown = executing.budget(budget)
    assert (shown["reserved_amount"], shown["spent_amount"]) == (0, float(price(provider.served[0])))
    assert executing.assign(task, agent)["status"] == "assigned"


def test_nothing_is_held_while_a_provider_is_asked(
    executing: Workshop, provider: FakeProvider, premises: Premises
) -> None:
    """During a call no transaction is open, and others spend and assign as they like."""
    executing.limit("10")
    task, other = executing.task("Slow"), executing.task("Other")
    with under_way(executing, provider, task) as running, create_engine(premises.database_url).connect() as watching:
        assert watching.scalar(text(INSIDE)) == 0
        executing.owner.make("/costs/records", **call_of(task))
        executing.assign(other)
        assert executing.owner.post(f"/tasks/{task}/run").status_code == 409
    assert running.result().status_code == 200


def test_a_task_that_is_ended_while_it_runs_makes_no_further_call(executing: Workshop, provider: FakeProvider) -> None:
    """The call under way is still billed, and the next one is not made."""
    task = executing.task("Slow (calls: 3)")
    with under_way(executing, provider, task) as running:
        executing.owner.make(f"/tasks/{task}/fail")
    assert running.result().status_code == 409
    assert (executing.status(task), len(provider.served), len(executing.records(task))) == ("failed", 1, 1)


def test_a_used_up_budget_stops_the_next_call(executing: Workshop, provider: FakeProvider) -> None:
    """Somebody else's cost between two calls uses the budget up; the second call is not made."""
    budget = executing.limit("1")
    task, other = executing.task("Slow (calls: 2)"), executing.task("Other")
    with under_way(executing, provider, task) as running:
        executing.owner.make("/costs/records", **call_of(other, prompt_tokens=400_000))
    refused = running.result()
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:budget-exceeded")
    assert (executing.status(task), len(provider.served), len(executing.records(task))) == ("failed", 1, 1)
    assert executing.budget(budget)["reserved_amount"] == 0


def test_slow_providers_keep_nobody_else_waiting(executing: Workshop, provider: FakeProvider) -> None:
    """With more tasks waiting for their provider than there are threads for requests, others are served."""
    tasks = [executing.task(f"Slow {number}") for number in range(45)]
    for task in tasks:
        executing.assign(task)
    with ThreadPoolExecutor(len(tasks)) as pool, provider.shut() as waiting:
        running = [pool.submit(executing.owner.post, f"/tasks/{task}/run") for task in tasks]
        assert all(waiting.acquire(timeout=30) for _ in tasks)
        assert executing.status() == "executing"
    assert {one.result().status_code for one in running} == {200}


def test_a_task_does_each_step_once(executing: Workshop) -> None:
    """Tasks are run when assigned, completed when running, and assigned again only when they failed."""
    task = executing.task("Build")
    steps: dict[str, Callable[[], Any]] = {
        "assign": lambda: executing.owner.post(f"/tasks/{task}/assign", agent_id=executing.agent),
        **{
            name: lambda name=name: executing.owner.post(f"/tasks/{task}/{name}")
            for name in ("run", "complete", "fail")
        },
    }
    for step, allowed in (("assign", {"assign"}), ("run", {"run", "fail"}), ("complete", {"complete", "fail"})):
        for name in steps.keys() - allowed:
            assert steps[name]().status_code == 409, (step, name)
        assert steps[step]().status_code == 200
    assert {name: step().status_code for name, step in steps.items()} == dict.fromkeys(steps, 409)


def test_a_task_waits_for_the_phase_it_is_of(workshop: Workshop) -> None:
    """A task of a later phase is not assigned before, nor one of a phase that is over."""
    early, late = workshop.task("Early"), workshop.task("Late", phase="executing")
    refused = workshop.owner.post(f"/tasks/{early}/assign", agent_id=workshop.agent)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:conflict")
    workshop.advance(to="executing")
    assert workshop.owner.post(f"/tasks/{early}/assign", agent_id=workshop.agent).status_code == 409
    assert workshop.assign(late)["agent_id"] == workshop.agent


def test_agents_work_in_their_own_project(executing: Workshop) -> None:
    """An agent of another project neither runs a task nor asks for one."""
    other = Workshop.opened_by(executing.owner, executing.organization)
    task = executing.task("Build")
    assert executing.owner.post(f"/tasks/{task}/assign", agent_id=other.agent).status_code == 404
    asked = executing.owner.post(f"/specs/{executing.spec}/tasks", title="Build", requested_by=other.agent)
    assert asked.status_code == 404


def test_an_agent_names_a_model_of_its_provider(executing: Workshop) -> None:
    """Only providers that are spoken to are taken, and the default model is the default provider's."""
    for skill in ({"provider": "elsewhere", "model": "x"}, {"provider": "openai"}):
        document = {"project_id": executing.project, "name": "Eve", **skill}
        assert executing.owner.post("/agents", **document).status_code == 422
    shown = executing.owner.make("/agents", project_id=executing.project, name="Eve")
    assert (shown["provider"], shown["model"], shown["streams"]) == ("anthropic", "claude-sonnet-4.5", False)


def test_a_deleted_task_gives_back_what_it_held(executing: Workshop) -> None:
    """Nothing stays reserved for a task that is gone; an agent with tasks stays."""
    budget, task = executing.limit("1"), executing.task("Build")
    assert executing.assign(task)["reserved_amount"] == executing.budget(budget)["reserved_amount"] > 0
    assert executing.owner.ask("DELETE", f"/agents/{executing.agent}").status_code == 409
    assert executing.owner.ask("DELETE", f"/tasks/{task}").status_code == 204
    assert executing.budget(budget)["reserved_amount"] == 0


@contextmanager
def under_way(workshop: Workshop, provider: FakeProvider, task: str) -> Generator[Future[Response]]:
    """Assign and run a task, and keep its first call waiting while the block lasts; yields the answer to come."""
    workshop.assign(task)
    with ThreadPoolExecutor(1) as pool, provider.shut() as waiting:
        running = pool.submit(workshop.owner.post, f"/tasks/{task}/run")
        assert waiting.acquire(timeout=30)
        yield running
