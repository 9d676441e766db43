"""Many tasks assigned at once: to whom, in which order, and which of them their budgets hold back."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from httpx import Response

from workshop import OPENAI, Workshop

# What the shipped prices and averages make of one task of gpt-4o: 2500 tokens in, 2500 out, and a fifth on top.
ESTIMATE = Decimal("0.0375")


@pytest.fixture
def executing(workshop: Workshop) -> Workshop:
    """A workshop with three tasks in executing, and two agents."""
    workshop.hire("Bob", **OPENAI)
    workshop.advance(to="executing")
    for title in ("First", "Second", "Third"):
        workshop.task(title)
    return workshop


def test_pending_tasks_go_to_the_agents_in_turn(executing: Workshop) -> None:
    """Every pending task is assigned, in the order in which they were made, and nothing twice."""
    execution = execute(executing).json()
    titles = [(task["title"], task["status"]) for task in execution["assigned"]]
    assert titles == [("First", "assigned"), ("Second", "assigned"), ("Third", "assigned")]
    first, second, third = (task["agent_id"] for task in execution["assigned"])
    assert first == third == executing.agent != second
    assert execute(executing).json() == {"assigned": [], "blocked": []}


def test_tasks_go_to_the_agent_that_is_named(executing: Workshop) -> None:
    """Whoever names an agent gets that one, provided that it works in the project."""
    other = Workshop.opened_by(executing.owner, executing.organization)
    assert execute(executing, agent_id=other.agent).status_code == 404
    eve = executing.hire("Eve", **OPENAI)
    assert {task["agent_id"] for task in execute(executing, agent_id=eve).json()["assigned"]} == {eve}


def test_what_a_budget_cannot_bear_is_blocked_and_said_why(executing: Workshop) -> None:
    """With room for two the third is blocked; with room for none the whole is refused."""
    budget = executing.limit(str(2 * ESTIMATE))
    execution = execute(executing).json()
    assert [task["title"] for task in execution["assigned"]] == ["First", "Second"]
    (blocked,) = execution["blocked"]
    assert blocked["problem"]["type"] == "urn:omoi-os:problem:budget-exceeded"
    assert (blocked["problem"]["reserved"], blocked["problem"]["needed"]) == (float(2 * ESTIMATE), float(ESTIMATE))
    refused = execute(executing)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:budget-exceeded")
    assert executing.status(blocked["task_id"]) == "pending"
    assert executing.budget(budget)["reserved_amount"] == float(2 * ESTIMATE)


def test_some_tasks_are_assigned_and_failed_ones_anew(executing: Workshop) -> None:
    """Named tasks are assigned in the order of their names; one that stands elsewhere is blocked."""
    first, second, third = (task["id"] for task in executing.owner.get(f"/specs/{executing.spec}/tasks").json())
    executing.assign(second)
    executing.owner.make(f"/tasks/{second}/fail")
    executing.assign(third)
    execution = execute_tasks(executing, third, second, first, second).json()
    assert [task["id"] for task in execution["assigned"]] == [second, first]
    assert [(one["task_id"], one["problem"]["status"]) for one in execution["blocked"]] == [(third, 409)]


def test_tasks_of_other_specs_are_not_assigned_along(executing: Workshop) -> None:
    """One strange task refuses the whole, and an empty list makes no sense."""
    other = Workshop.opened_by(executing.owner, executing.organization)
    own = executing.task("Own")
    assert execute_tasks(executing, own, other.task("Strange")).status_code == 404
    assert execute_tasks(executing).status_code == 422
    assert executing.status(own) == "pending"


def test_without_agents_nothing_is_executed(workshop: Workshop) -> None:
    """A project without agents says so."""
    assert workshop.owner.ask("DELETE", f"/agents/{workshop.agent}").status_code == 204
    workshop.advance(to="executing")
    workshop.task("Build")
    assert execute(workshop).json()["detail"] == "The project has no agents."


@pytest.mark.parametrize("room", [3, 9])
def test_executions_that_meet_assign_what_fits_and_nothing_twice(executing: Workshop, room: int) -> None:
    """However many execute at once, each of four tasks is assigned once or not for lack of budget."""
    single = executing.task("Fourth")
    budget = executing.limit(str(room * ESTIMATE), scope_type="project")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(execute, executing) for _ in range(6)]
        asked.append(pool.submit(executing.owner.post, f"/tasks/{single}/assign", agent_id=executing.agent))
        statuses = {one.result().status_code for one in asked}
    assert statuses <= {200, 409}
    tasks: list[dict[str, Any]] = executing.owner.get(f"/specs/{executing.spec}/tasks").json()
    assert sum(task["status"] == "assigned" for task in tasks) == min(room, 4)
    assert executing.budget(budget)["reserved_amount"] == float(min(room, 4) * ESTIMATE)


def execute(workshop: Workshop, **document: str) -> Response:
    """Execute a spec."""
    return workshop.owner.post(f"/specs/{workshop.spec}/execute", **document)


def execute_tasks(workshop: Workshop, *task_ids: str) -> Response:
    """Execute some tasks of a spec."""
    return workshop.owner.post(f"/specs/{workshop.spec}/execute-tasks", task_ids=task_ids)
