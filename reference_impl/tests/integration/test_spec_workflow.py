"""Specs on their way from draft to completed, and what they cost on it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.provider import FakeProvider
from people import call_of
from workshop import ANTHROPIC, Premises, Workshop, price


def test_spec_workflow_with_costs(premises: Premises, workshop: Workshop) -> None:
    """A spec goes from draft to completed, and every call on the way is billed to its phase and agent."""
    streaming = workshop.hire("Bob", streams=True, **ANTHROPIC)
    for phase, step, agent in (
        ("requirements", "start", workshop.agent),
        ("design", "approve-requirements", streaming),
        ("executing", "approve-design", workshop.agent),
    ):
        assert workshop.owner.make(f"/specs/{workshop.spec}/{step}")["status"] == phase
        workshop.do(workshop.task(f"Task of {phase} (calls: 2)"), agent)
        _assert_costs(_costs(workshop, "costs"), premises.provider)
    assert workshop.status() == "completed"
    final = _costs(workshop, "cost-summary")
    _assert_costs(final, premises.provider)
    assert [row["phase"] for row in final["by_phase"]] == ["requirements", "design", "executing"]
    assert {row["name"]: row["records"] for row in final["by_agent"]} == {"Ada": 4, "Bob": 2}
    assert final["completed_at"]


def test_the_final_summary_stays_what_it_was(workshop: Workshop) -> None:
    """A cost that comes late changes the running total and not the summary; before completion there is none."""
    assert workshop.owner.get(f"/specs/{workshop.spec}/cost-summary").status_code == 404
    workshop.advance(to="executing")
    task = workshop.task("Build")
    workshop.do(task)
    final = _costs(workshop, "cost-summary")
    workshop.owner.make("/costs/records", **call_of(task))
    assert _costs(workshop, "cost-summary") == final
    late = _costs(workshop, "costs")
    assert (late["record_count"], late["by_agent"][-1]["agent_id"]) == (2, None)
    assert late["total_cost"] == pytest.approx(final["total_cost"] + 0.0045, abs=1e-12)


def test_phases_are_left_in_their_order(workshop: Workshop) -> None:
    """Each step leaves one phase and is refused in every other."""
    for step in ("start", "approve-requirements", "approve-design"):
        others = {"start", "approve-requirements", "approve-design", "execute"} - {step}
        for other in others:
            refused = workshop.owner.post(f"/specs/{workshop.spec}/{other}")
            assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:conflict")
        workshop.owner.make(f"/specs/{workshop.spec}/{step}")
    assert workshop.status() == "executing"


@pytest.mark.parametrize("step", ["start", "approve-requirements", "approve-design"])
def test_no_phase_begins_on_an_exhausted_budget(workshop: Workshop, step: str) -> None:
    """A spec stays where it is when its budget is used up, and goes on when there is more."""
    before = {"start": None, "approve-requirements": "requirements", "approve-design": "design"}[step]
    if before:
        workshop.advance(to=before)
    standing = workshop.status()
    workshop.limit("0.0045", scope_type="project")
    workshop.owner.make("/costs/records", **call_of(workshop.task("Think")))
    refused = workshop.owner.post(f"/specs/{workshop.spec}/{step}")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:omoi-os:problem:budget-exceeded")
    assert (refused.json()["scope_type"], refused.json()["spent"]) == ("project", 0.0045)
    assert workshop.status() == standing


def test_a_spec_is_completed_by_its_last_task_only(workshop: Workshop) -> None:
    """Open tasks keep it open, also those of earlier phases; a failed one does not."""
    workshop.owner.make(f"/specs/{workshop.spec}/start")
    early = workshop.task("Ask")
    workshop.do(early)
    for step in ("approve-requirements", "approve-design"):
        workshop.owner.make(f"/specs/{workshop.spec}/{step}")
    failing, first, last = (workshop.task(title) for title in ("Fail", "First", "Last"))
    workshop.assign(failing)
    workshop.owner.make(f"/tasks/{failing}/fail")
    workshop.do(first)
    assert workshop.status() == "executing"
    workshop.do(last)
    assert workshop.status() == "completed"
    assert workshop.owner.post(f"/specs/{workshop.spec}/tasks", title="More").status_code == 409


def test_a_failure_does_not_complete_a_spec(workshop: Workshop) -> None:
    """When the last open task fails it may be tried again, and its success completes the spec."""
    workshop.advance(to="executing")
    first, last = workshop.task("First"), workshop.task("Last")
    workshop.assign(last)
    workshop.do(first)
    workshop.owner.make(f"/tasks/{last}/fail")
    assert workshop.status() == "executing"
    workshop.do(last)
    assert workshop.status() == "completed"


def test_of_tasks_that_end_at_once_one_completes_the_spec(workshop: Workshop) -> None:
    """However the endings meet, the spec is completed once, with the costs of all."""
    workshop.advance(to="executing")
    tasks = [workshop.task(f"Task {number}") for number in range(6)]
    for task in tasks:
        workshop.assign(task)
        workshop.owner.make(f"/tasks/{task}/run")
    with ThreadPoolExecutor(len(tasks)) as pool:
        ended = list(pool.map(workshop.owner.post, [f"/tasks/{task}/complete" for task in tasks]))
    assert [answer.status_code for answer in ended] == [200] * len(tasks)
    assert workshop.status() == "completed"
    assert _costs(workshop, "cost-summary")["record_count"] == len(tasks)


def test_what_a_viewer_may_not_and_a_stranger_does_not_see(premises: Premises, workshop: Workshop) -> None:
    """Viewers read costs and move nothing; strangers are told that there is nothing."""
    platform = premises.platform
    viewer, stranger = platform.person(), platform.person()
    workshop.owner.make(f"/projects/{workshop.project}/members", user_id=viewer.id, role="viewer")
    task = workshop.task("Think")
    assert viewer.get(f"/specs/{workshop.spec}/costs").status_code == 200
    assert stranger.get(f"/specs/{workshop.spec}/costs").status_code == 404
    steps = [
        f"/specs/{workshop.spec}/{step}" for step in ("start", "approve-requirements", "approve-design", "execute")
    ]
    for path in (*steps, f"/tasks/{task}/run", f"/tasks/{task}/complete", f"/tasks/{task}/fail"):
        assert (viewer.post(path).status_code, stranger.post(path).status_code) == (403, 404), path
        assert platform.nobody().post(path).status_code == 401, path
    assert viewer.post(f"/tasks/{task}/assign", agent_id=workshop.agent).status_code == 403
    assert workshop.status() == "draft"


def _costs(workshop: Workshop, which: str) -> dict[str, Any]:
    """Read the spec's costs, running or final."""
    answer = workshop.owner.get(f"/specs/{workshop.spec}/{which}")
    assert answer.is_success, answer.text
    return answer.json()


def _assert_costs(costs: dict[str, Any], provider: FakeProvider) -> None:
    """Compare costs with everything that the provider has served."""
    total = float(sum(map(price, provider.served)))
    assert costs["record_count"] == len(provider.served) > 0
    assert costs["total_cost"] == pytest.approx(total, abs=1e-12)
    for breakdown in ("by_phase", "by_agent"):
        assert sum(row["cost"] for row in costs[breakdown]) == pytest.approx(total, abs=1e-12)
        assert sum(row["tokens"] for row in costs[breakdown]) == costs["total_tokens"]
