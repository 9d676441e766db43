"""Budgets over HTTP: what they block, through two instances, and what owners may change."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest

from conftest import environment, serving
from people import Person, Platform, call_of
from workshop import Premises, Workshop

# What one task of an agent for gpt-4o is expected to cost: 2500 tokens of each kind, and a fifth on top.
ESTIMATE = 0.0375
# Three times that, in a way that no binary fraction spoils.
FOR_THREE = 0.1125
EXCEEDED = "urn:omoi-os:problem:budget-exceeded"


@pytest.fixture(scope="module")
def second(premises: Premises, redis_url: str) -> Generator[Platform]:
    """Another instance on the same database and bus."""
    settings = environment(premises.database_url, redis_url) | premises.provider.environment
    with serving(settings) as platform:
        yield platform


@pytest.fixture
def executing(workshop: Workshop) -> Workshop:
    """A workshop whose spec is in executing."""
    workshop.advance(to="executing")
    return workshop


@pytest.fixture
def elsewhere(executing: Workshop, second: Platform) -> Person:
    """The same owner, who asks the other instance."""
    return Person(second.http, executing.owner.id, executing.owner.token)


def try_to_assign(workshop: Workshop, task: str, person: Person | None = None) -> httpx.Response:
    """Ask for a task to be assigned to the first agent."""
    return (person or workshop.owner).post(f"/tasks/{task}/assign", agent_id=workshop.agent)


def spend(workshop: Workshop, task: str, calls: int = 1) -> None:
    """Report calls of 0.0045 US dollars each."""
    for _ in range(calls):
        workshop.owner.make("/costs/records", **call_of(task))


def change(workshop: Workshop, budget: int, **changes: Any) -> httpx.Response:
    """Ask for a budget to be changed."""
    return workshop.owner.ask("PATCH", f"/costs/budgets/{budget}", json=changes)


def test_budget_enforcement(executing: Workshop, premises: Premises) -> None:
    """A task that fits is assigned, run and settled; the next one does not fit, and nothing is called for it."""
    fits, waits = executing.task("Build"), executing.task("Polish")
    budget = executing.limit(str(ESTIMATE))
    assert executing.assign(fits)["reserved_amount"] == ESTIMATE
    refused = try_to_assign(executing, waits)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    problem = refused.json()
    assert (problem["type"], problem["scope_type"], problem["scope_id"]) == (EXCEEDED, "spec", executing.spec)
    amounts = [problem[name] for name in ("limit", "spent", "reserved", "needed")]
    assert amounts == [ESTIMATE, 0, ESTIMATE, ESTIMATE]
    assert executing.status(waits) == "pending"
    executing.owner.make(f"/tasks/{fits}/run")
    executing.owner.make(f"/tasks/{fits}/complete")
    settled = executing.budget(budget)
    assert settled["spent_amount"] == sum(record["total_cost"] for record in executing.records(fits)) > 0
    assert settled["reserved_amount"] == 0
    assert len(premises.provider.served) == len(executing.records(fits))


def test_failure_frees_what_was_reserved(executing: Workshop) -> None:
    """What a failed task held is there for the next one."""
    fails, waits = executing.task("Build"), executing.task("Polish")
    budget = executing.limit(str(ESTIMATE))
    executing.assign(fails)
    executing.owner.make(f"/tasks/{fails}/fail")
    assert executing.budget(budget)["reserved_amount"] == 0
    executing.assign(waits)
    assert executing.budget(budget)["reserved_amount"] == ESTIMATE
    assert try_to_assign(executing, fails).json()["type"] == EXCEEDED


def test_two_instances_assign_as_many_tasks_as_fit(executing: Workshop, elsewhere: Person) -> None:
    """Eight assignments at once through two instances against a budget for three: three pass."""
    tasks = [executing.task(f"Part {number}") for number in range(8)]
    budget = executing.limit(str(FOR_THREE), scope_type="project")
    people = [executing.owner, elsewhere] * 4
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(partial(try_to_assign, executing), tasks, people))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {EXCEEDED}
    assert executing.budget(budget)["reserved_amount"] == FOR_THREE
    assert sorted(executing.status(task) for task in tasks) == ["assigned"] * 3 + ["pending"] * 5


def test_a_changed_limit_counts_at_once_everywhere(executing: Workshop, elsewhere: Person) -> None:
    """Whoever raises or lowers a limit at one instance is obeyed by the other."""
    task = executing.task("Build")
    budget = executing.limit("0.001")
    assert try_to_assign(executing, task, elsewhere).status_code == 409
    raised = change(executing, budget, limit_amount=1).json()
    assert (raised["limit_amount"], raised["alert_threshold"], raised["period_end"]) == (1, 0.8, None)
    assert try_to_assign(executing, task, elsewhere).status_code == 200
    assert change(executing, budget, limit_amount=0).json()["limit_amount"] == 0
    stopped = elsewhere.post(f"/tasks/{task}/run")
    assert (stopped.status_code, stopped.json()["type"], executing.status(task)) == (409, EXCEEDED, "failed")
    assert executing.budget(budget)["reserved_amount"] == 0


def test_each_part_of_a_budget_is_changed_alone(executing: Workshop) -> None:
    """What is left out stays, also an end that was set; no document at all changes nothing."""
    budget = executing.limit("1")
    end = "2100-01-01T00:00:00Z"
    for changes in ({"period_end": end}, {"alert_threshold": 0.5}, {}, {"limit_amount": 2}):
        shown = change(executing, budget, **changes).json()
    assert (shown["limit_amount"], shown["alert_threshold"], shown["period_end"]) == (2, 0.5, end)
    assert change(executing, budget, period_end=None).json()["period_end"] is None


@pytest.mark.parametrize(
    "text",
    ['{"limit_amount": NaN}', '{"limit_amount": Infinity}', '{"limit_amount": -1}', '{"limit_amount": null}',
     '{"limit_amount": 1e999}', '{"spent_amount": 0}', '{"reserved_amount": 0}', '{"scope_id": "x"}', '{"id": 1}',
     '{"alert_threshold": 1.5}', '{"period_end": "2100-01-01T00:00:00"}', "[]"],
)  # fmt: skip
def test_impossible_changes_are_refused(executing: Workshop, text: str) -> None:
    """No change is stored that is not a possible value of something that may be changed."""
    budget = executing.limit("1")
    before = executing.budget(budget)
    assert executing.owner.ask("PATCH", f"/costs/budgets/{budget}", content=text).status_code == 422
    assert executing.budget(budget) == before


def test_a_deleted_budget_is_gone(executing: Workshop) -> None:
    """It limits nothing any more, and is not found again."""
    task, budget = executing.task("Build"), executing.limit("0.001")
    assert executing.owner.ask("DELETE", f"/costs/budgets/{budget}").status_code == 204
    executing.assign(task)
    for method in ("PATCH", "DELETE"):
        assert executing.owner.ask(method, f"/costs/budgets/{budget}", json={}).status_code == 404


def test_a_repeated_report_is_recorded_once(executing: Workshop, elsewhere: Person) -> None:
    """Under one key one report is one record, also when both instances get it at once; another report is refused."""
    task = executing.task("Build")
    budget = executing.limit("1")

    def report(person: Person, key: str = "k-1", **changes: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": key}
        return person.http.post("/api/v1/costs/records", json=call_of(task, **changes), headers=headers)

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(report, [executing.owner, elsewhere] * 3))
    assert {answer.status_code for answer in answers} == {201}
    (record,) = executing.records(task)
    assert [answer.json() for answer in answers] == [record] * 6
    assert executing.budget(budget)["spent_amount"] == record["total_cost"]
    refused = report(elsewhere, prompt_tokens=1)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:conflict")
    assert report(elsewhere, key="k-2").json()["id"] != record["id"]
    assert report(elsewhere, key="").status_code == 422
    assert len(executing.records(task)) == 2


def test_forecasts_follow_the_queue(executing: Workshop) -> None:
    """Nothing to do costs nothing; each open task adds its share, at the price that is asked for."""
    ways = [f"/specs/{executing.spec}/forecast", f"/projects/{executing.project}/forecast"]
    price = {"provider": "openai", "model": "gpt-4o"}
    nothing = [executing.owner.get(way, **price).json() for way in ways]
    assert nothing == [
        {"task_count": 0, "estimated_cost": 0, "estimated_tokens": 0, "avg_tokens_per_task": 5000,
         "buffer_multiplier": 1.2}
    ] * 2  # fmt: skip
    tasks = [executing.task(f"Part {number}") for number in range(3)]
    executing.do(tasks[0])
    executing.assign(tasks[1])
    for way in ways:
        shown = executing.owner.get(way, **price).json()
        assert (shown["task_count"], shown["estimated_tokens"]) == (2, 10000)
        assert shown["estimated_cost"] == 2 * ESTIMATE
        assert executing.owner.get(way).json()["estimated_cost"] == 2 * 2500 * 0.000018 * 1.2
    executing.owner.make(f"/tasks/{tasks[1]}/fail")
    assert [executing.owner.get(way).json()["task_count"] for way in ways] == [1, 1]


def test_a_budget_warns_and_is_exceeded_over_http(executing: Workshop) -> None:
    """The budget of a ticket, too, shows how it stands."""
    task = executing.task("Build")
    ticket = executing.owner.get(f"/tasks/{task}").json()["ticket_id"]
    executing.owner.make("/costs/budgets", scope_type="ticket", scope_id=ticket, limit_amount=0.009)
    for triggered, exceeded in ((False, False), (True, True)):
        spend(executing, task)
        check = executing.owner.get("/costs/budgets/check", scope_type="ticket", scope_id=ticket).json()
        assert (check["alert_triggered"], check["exceeded"]) == (triggered, exceeded)
    assert try_to_assign(executing, task).json()["scope_type"] == "ticket"
