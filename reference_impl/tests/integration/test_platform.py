"""The platform over HTTP: what goes in comes out."""

import json
import subprocess
import sys
from typing import Any

import pytest
from redis import Redis

from conftest import ROOT, environment
from demo import embedded
from people import PASSWORD, Person, Platform, Work, call_of, start_work


@pytest.fixture
def work(owner: Person) -> Work:
    """The first work of the first organization."""
    return start_work(owner, owner.make("/organizations", name="Keepers")["id"])


def test_logging_in_trades_a_password_for_tokens(platform: Platform) -> None:
    """The right password opens, the wrong one does not, and an address is taken once."""
    nobody = platform.nobody()
    nobody.make("/auth/register", email="Ada@example.com", password=PASSWORD)
    tokens = nobody.make("/auth/login", email="ada@EXAMPLE.com", password=PASSWORD)
    assert Person(platform.http, "", tokens["access_token"]).get("/auth/me").json()["email"] == "ada@example.com"
    assert nobody.make("/auth/refresh", refresh_token=tokens["refresh_token"])["token_type"] == "bearer"  # noqa: S105 - a scheme and no secret
    assert nobody.post("/auth/login", email="ada@example.com", password="wrong").status_code == 401  # noqa: S106 - it opens nothing but the tests
    assert nobody.post("/auth/login", email="eve@example.com", password=PASSWORD).status_code == 401
    assert nobody.post("/auth/register", email="ada@example.com", password=PASSWORD).status_code == 409


def test_a_recorded_cost_is_listed_summed_budgeted_and_announced(owner: Person, work: Work, redis_url: str) -> None:
    """One call is seen the same on every way out."""
    budget = owner.make("/costs/budgets", scope_type="spec", scope_id=work.spec, limit_amount=0.009)
    assert (budget["remaining_amount"], budget["alert_threshold"], budget["period_end"]) == (0.009, 0.8, None)
    redis: Any = Redis
    with redis.from_url(redis_url, protocol=2) as client, client.pubsub() as listening:
        listening.subscribe("events.cost.recorded")
        listening.get_message(timeout=5)
        record = owner.make("/costs/records", **call_of(work.task, agent_id=work.agent))
        message = listening.get_message(timeout=5)
    event = json.loads(message["data"])
    assert (event["event_type"], event["entity_id"]) == ("cost.recorded", record["id"])
    assert (event["payload"]["total_cost"], event["payload"]["agent_id"]) == (0.0045, work.agent)
    assert owner.get("/costs/records", task_id=work.task).json() == [record]
    summary = owner.get("/costs/summary", scope_type="project", scope_id=work.project).json()
    assert (summary["total_cost"], summary["record_count"], summary["total_tokens"]) == (0.0045, 1, 1200)
    check = owner.get("/costs/budgets/check", scope_type="spec", scope_id=work.spec).json()
    assert (check["exists"], check["spent"], check["remaining"], check["exceeded"]) == (True, 0.0045, 0.0045, False)
    assert check["utilization_percent"] == 50
    none = owner.get("/costs/budgets/check", scope_type="ticket", scope_id=work.ticket).json()
    assert (none["exists"], none["alert_triggered"]) == (False, None)


def test_what_has_costs_is_not_deleted(owner: Person, work: Work) -> None:
    """Costs hold their task and agent; without costs both go."""
    owner.make("/costs/records", **call_of(work.task, agent_id=work.agent))
    for path in (f"/tasks/{work.task}", f"/agents/{work.agent}"):
        refused = owner.ask("DELETE", path)
        assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert owner.get("/costs/summary", scope_type="task", scope_id=work.task).json()["record_count"] == 1
    task = owner.make("/tasks", ticket_id=work.ticket, title="Idle", phase="design")["id"]
    agent = owner.make("/agents", project_id=work.project, name="Idle")["id"]
    assert owner.ask("DELETE", f"/tasks/{task}").status_code == 204
    assert owner.ask("DELETE", f"/agents/{agent}").status_code == 204
    assert owner.get(f"/tasks/{task}").status_code == 404


def test_unknown_tasks_and_agents_are_refused_without_a_trace(owner: Person, work: Work) -> None:
    """A refused cost is listed nowhere."""
    other = start_work(owner, work.organization)
    for call in (call_of("none"), call_of(work.task, agent_id="none"), call_of(work.task, agent_id=other.agent)):
        assert owner.post("/costs/records", **call).status_code == 404
    assert owner.get("/costs/records").json() == []


@pytest.mark.parametrize("limit", ["NaN", "Infinity", "-Infinity", "-1", "0", "null", "1e999"])
def test_impossible_limits_are_refused(owner: Person, work: Work, limit: str) -> None:
    """No limit is stored that is not a positive finite number."""
    text = f'{{"scope_type": "project", "scope_id": "{work.project}", "limit_amount": {limit}}}'
    answer = owner.ask("POST", "/costs/budgets", content=text)
    stored = owner.get("/costs/budgets").json()
    assert (answer.status_code, stored) == (422, [])


def test_scopes_that_make_no_sense_answer_400(owner: Person, work: Work) -> None:
    """Unknown scopes and missing keys are the caller's mistake."""
    assert owner.get("/costs/summary", scope_type="galaxy", scope_id=work.project).status_code == 400
    refused = owner.get("/costs/summary", scope_type="project")
    assert (refused.status_code, refused.json()["status"]) == (400, 400)
    assert owner.get("/costs/summary", scope_type="project", scope_id="\x00").status_code == 422
    assert owner.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_forecast_answers_with_its_assumptions(owner: Person) -> None:
    """Ten tasks at the shipped averages cost 0.54 dollars."""
    forecast = owner.make("/costs/forecast", pending_task_count=10)
    assert (forecast["estimated_cost"], forecast["estimated_tokens"]) == (0.54, 50000)
    assert forecast["buffer_multiplier"] == 1.2
    assert owner.post("/costs/forecast", pending_task_count=0).status_code == 422


def test_work_is_found_again(owner: Person, work: Work) -> None:
    """Projects, tickets, specs, tasks and agents are listed where they belong."""
    owner.make("/tickets", project_id=work.project, title="Stairs")
    later = owner.make(f"/specs/{work.spec}/tasks", title="Think")
    assert (later["phase"], later["ticket_id"]) == ("requirements", work.ticket)
    for path, count in (
        ("/organizations", 1), ("/projects", 1), (f"/projects/{work.project}/members", 0), ("/tickets", 2),
        (f"/tickets?project_id={work.project}", 2), (f"/tickets/{work.ticket}/tasks", 2),
        (f"/specs/project/{work.project}", 1), (f"/specs/{work.spec}/tasks", 2),
        (f"/agents?project_id={work.project}", 1),
    ):  # fmt: skip
        assert len(owner.get(path).json()) == count, path


def test_the_description_requires_what_it_shows(platform: Platform) -> None:
    """The API description can be read by anybody and requires every field of a cost."""
    document = platform.http.get("/openapi.json").json()
    shown = document["components"]["schemas"]["CostShown"]
    assert set(shown["required"]) == set(shown["properties"])
    assert shown["properties"]["id"]["type"] == "string"
    assert set(document["paths"]["/api/v1/costs/budgets"]["post"]["responses"]) >= {"200"}
    assert platform.http.get("/health").json() == {"status": "healthy"}


def test_an_absent_bus_does_not_fail_a_recording(database_url: str) -> None:
    """Without Redis costs are recorded all the same."""
    port = embedded.free_port()
    command = [sys.executable, "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port), "--log-level", "critical"]
    absent = f"redis://127.0.0.1:{embedded.free_port()}/0"
    settings = environment(database_url, absent)
    with embedded.running(command, port, cwd=ROOT, env=settings), Platform(port) as platform:
        owner = platform.person()
        work = start_work(owner, owner.make("/organizations", name="Keepers")["id"])
        assert owner.make("/costs/records", **call_of(work.task))["total_cost"] == 0.0045


@pytest.mark.parametrize("missing", ["DATABASE_URL", "AUTH_JWT_SECRET_KEY", "tables", "server"])
def test_a_start_that_cannot_succeed_says_why_in_one_line(empty_database: str, redis_url: str, missing: str) -> None:
    """Whoever starts the platform reads one line that names what is missing."""
    settings = environment(empty_database, redis_url)
    settings.pop(missing, None)
    if missing == "server":
        settings["DATABASE_URL"] = f"postgresql+psycopg://nobody@127.0.0.1:{embedded.free_port()}/none"
    command = [sys.executable, "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(embedded.free_port())]
    ended = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60, check=False)
    (line,) = [line for line in ended.stderr.splitlines() if "cannot start" in line]
    word = {"tables": "alembic upgrade head", "server": "does not answer"}.get(missing, missing)
    assert word in line
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
