"""The miniature platform in its harmless form does what its driver says."""

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe.bus import BusListener
from harness.services.databases import connect
from harness.targets import tokens
from harness.targets.terms import BudgetScope, Scope
from harness.tests.miniature import LISTED, SECRET, UNLISTED, Ground, Scene, alembic, load_driver, opened_ground, scene


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Real servers, and the miniature's own revisions applied once."""
    with opened_ground() as opened:
        yield opened


@pytest.fixture(scope="module")
def healthy(ground: Ground) -> Iterator[Scene]:
    """The miniature without a fault."""
    with scene(ground, fault="") as sound:
        yield sound


def test_every_revision_goes_up_down_and_up(ground: Ground) -> None:
    """The history is reversible: after base nothing is left, and the schema comes back the same."""
    database = ground.postgres.create_database("history")
    url = ground.postgres.url(database)
    alembic("upgrade", "head", url=url)
    before = ground.postgres.dump_schema(database)
    alembic("downgrade", "base", url=url)
    assert "CREATE TABLE public.cost_records" not in ground.postgres.dump_schema(database)
    alembic("upgrade", "head", url=url)
    assert ground.postgres.dump_schema(database) == before


def test_models_and_revisions_agree(ground: Ground) -> None:
    """Alembic finds nothing to migrate between the tables and the models."""
    database = ground.postgres.create_database("drift")
    alembic("upgrade", "head", url=ground.postgres.url(database))
    alembic("check", url=ground.postgres.url(database))


def test_a_recorded_cost_is_answered_listed_and_stored(healthy: Scene) -> None:
    """The answer, the list and the table tell the same cost, at the price of the file."""
    before = healthy.stored()
    cost = healthy.platform.record_cost(LISTED, task_id=healthy.task, agent_id=healthy.agent)
    assert cost.total_cost == pytest.approx(1_234_567 * 5e-8 + 765_432 * 4e-7, rel=1e-12)
    assert (cost.total_tokens, cost.agent_id) == (1_999_999, healthy.agent)
    assert cost in healthy.platform.costs_of_task(healthy.task)
    assert healthy.stored() == before + 1


def test_a_cost_without_an_agent_and_a_price_is_recorded_at_the_default(healthy: Scene) -> None:
    """An unknown provider keeps its name and gets the default price."""
    cost = healthy.platform.record_cost(UNLISTED, task_id=healthy.task)
    assert (cost.provider, cost.model, cost.agent_id) == ("nobody", "nothing", None)
    assert cost.total_cost == pytest.approx(1000 * 1e-5 + 10 * 3e-5, rel=1e-12)


def test_a_cost_for_nobody_is_refused(healthy: Scene) -> None:
    """An unknown task or agent is refused by name, and nothing is stored."""
    before = healthy.stored()
    for task, agent in ((str(uuid4()), None), (healthy.task, str(uuid4()))):
        with pytest.raises(PlatformMisbehaved, match="404"):
            healthy.platform.record_cost(LISTED, task_id=task, agent_id=agent)
    assert healthy.stored() == before


def test_a_deleted_task_keeps_its_costs(healthy: Scene) -> None:
    """The deletion is offered, and the costs are still listed and stored."""
    platform = healthy.platform
    task = platform.create_task(platform.create_spec(platform.create_project("p"), "s"), "t")
    cost = platform.record_cost(LISTED, task_id=task)
    assert platform.delete_task(task)
    assert platform.costs_of_task(task) == (cost,)


def test_an_agent_with_costs_is_not_deleted_and_another_is(healthy: Scene) -> None:
    """The refusal says why; an agent without costs goes."""
    healthy.platform.record_cost(LISTED, task_id=healthy.task, agent_id=healthy.agent)
    assert healthy.platform.delete_agent(healthy.agent)
    assert "has costs" in str(healthy.journal.readings[-1].observed)
    idle = healthy.platform.create_agent(healthy.platform.create_project("idle"), "idle")
    assert healthy.platform.delete_agent(idle)
    assert str(healthy.journal.readings[-1].observed).startswith("204")


def test_a_planted_task_is_adopted(healthy: Scene) -> None:
    """A task out of anyone's reach is refused before, and takes costs after its adoption."""
    task = str(uuid4())
    with connect(healthy.instance.database_url) as connection:
        connection.execute("INSERT INTO tasks (id, title, phase) VALUES (%s, 'planted', 'design')", (task,))
    with pytest.raises(PlatformMisbehaved, match="404"):
        healthy.platform.record_cost(LISTED, task_id=task)
    healthy.platform.adopt_task(task)
    assert healthy.platform.record_cost(LISTED, task_id=task).task_id == task


def test_one_tenant_does_not_see_another(healthy: Scene) -> None:
    """Costs of an organisation are listed for its own people only."""
    healthy.platform.record_cost(LISTED, task_id=healthy.task)
    with closing(load_driver().tenant(healthy.instance, Journal())) as stranger:
        assert stranger.costs_of_task(healthy.task) == ()


def test_one_tenant_limits_nothing_of_another(healthy: Scene) -> None:
    """An owner sets limits for what their own organisation has."""
    scopes: tuple[tuple[BudgetScope, str], ...] = (
        ("project", healthy.project),
        ("ticket", healthy.platform.ticket_of(healthy.task)),
    )
    with closing(load_driver().tenant(healthy.instance, Journal())) as stranger:
        for kind, one in scopes:
            with pytest.raises(PlatformMisbehaved, match="404"):
                stranger.set_budget(Scope(kind=kind, id=one), Decimal(5))


def test_the_description_names_the_cost_routes(healthy: Scene) -> None:
    """The published description lists the routes of the cost baseline."""
    paths = healthy.platform.description()["paths"]
    assert isinstance(paths, dict)
    for route in ("records", "summary", "budgets", "budgets/check", "forecast"):
        assert f"/api/v1/costs/{route}" in paths


def test_only_observing_verbs_leave_readings(healthy: Scene) -> None:
    """Setting a scene notes nothing; an empty list is noted as nothing examined."""
    healthy.journal.clear()
    platform = healthy.platform
    task = platform.create_task(platform.create_spec(platform.create_project("p"), "s"), "t")
    assert healthy.journal.readings == []
    platform.costs_of_task(task)
    platform.record_cost(LISTED, task_id=task)
    assert [(reading.instrument, reading.examined) for reading in healthy.journal.readings] == [
        ("driver", 0),
        ("driver", 1),
    ]


def test_the_cost_routes_answer_the_baseline(healthy: Scene) -> None:
    """Sums, budgets and forecasts answer 200 with the numbers that SQL and the pricing file give; bad questions 400."""
    cost = healthy.platform.record_cost(LISTED, task_id=healthy.task)
    with httpx.Client(base_url=f"{healthy.instance.url}/api/v1/costs", headers=_bearer(healthy)) as client:
        scope = {"scope_type": "task", "scope_id": healthy.task}
        summary = client.get("/summary", params=scope).json()
        assert (summary["record_count"], summary["total_tokens"]) == (healthy.stored(), _tokens_stored(healthy))
        assert client.get("/summary", params={"scope_type": "task"}).status_code == httpx.codes.BAD_REQUEST
        budget = client.post("/budgets", json=scope | {"limit_amount": 1})
        assert (budget.status_code, budget.json()["remaining_amount"]) == (httpx.codes.OK, 1)
        assert client.get("/budgets/check", params=scope).json()["exceeded"] is False
        healthy.platform.record_cost(LISTED, task_id=healthy.task)
        spent = [one["spent_amount"] for one in client.get("/budgets").json() if one["scope_id"] == healthy.task]
        assert spent == [pytest.approx(cost.total_cost)]
        forecast = client.post("/forecast", json={"pending_task_count": 3}).json()
        assert forecast["estimated_cost"] == pytest.approx(3 * 2500 * (3e-6 + 15e-6) * 1.2)


def test_strangers_read_no_costs(healthy: Scene) -> None:
    """Without a token, the cost routes answer 401."""
    for route in ("records", "summary?scope_type=global", "budgets"):
        answer = httpx.get(f"{healthy.instance.url}/api/v1/costs/{route}")
        assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_recorded_cost_is_told_on_the_bus(healthy: Scene, ground: Ground) -> None:
    """A listener gets `cost.recorded` with the stored amount."""
    with BusListener(ground.bus.url) as listener:
        cost = healthy.platform.record_cost(LISTED, task_id=healthy.task)
        message = listener.await_message(lambda one: str(cost.id) in one.text)
    told = json.loads(message.text)
    assert (message.channel, told["event_type"]) == ("events.cost.recorded", "cost.recorded")
    assert told["payload"]["total_cost"] == pytest.approx(cost.total_cost)


def _bearer(scene: Scene) -> dict[str, str]:
    query = """SELECT person_id FROM memberships JOIN projects USING (organisation_id)
        JOIN specs ON project_id = projects.id JOIN tasks ON spec_id = specs.id WHERE tasks.id = %s"""
    with connect(scene.instance.database_url) as connection:
        row = connection.execute(query, (scene.task,)).fetchone()
    assert row is not None
    return {"Authorization": f"Bearer {tokens.mint(str(row[0]), secret=SECRET)}"}


def _tokens_stored(scene: Scene) -> int:
    with connect(scene.instance.database_url) as connection:
        query = "SELECT coalesce(sum(total_tokens), 0) FROM cost_records WHERE task_id = %s"
        row = connection.execute(query, (scene.task,)).fetchone()
    return int(row[0]) if row else -1
