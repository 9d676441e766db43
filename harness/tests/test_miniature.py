"""The miniature platform does what its driver says, and goes wrong in exactly the ways it is told to."""

import importlib.util
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

import httpx
import pytest

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe.bus import BusListener
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.port import free_port
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace
from harness.targets import tokens
from harness.targets.platform import Call, Instance, Platform

MINIATURE: Final = Path(__file__).parents[2] / "fixtures" / "miniatures" / "platform"
SECRET: Final = secrets.token_hex(32)
START_SECONDS: Final = 30.0
LISTED: Final = Call(provider="openai", model="gpt-5-nano", prompt_tokens=1_234_567, completion_tokens=765_432)
UNLISTED: Final = Call(provider="nobody", model="nothing", prompt_tokens=1000, completion_tokens=10)


# Faults that do not hide one another share one process; the others need one each.
SIDE_BY_SIDE: Final = ("unknown-provider-raises", "rounds-to-cents", "deletes-costs", "floods-log", "prints-secret")
ALONE: Final = ("stores-nothing", "dies-on-record", "hangs", "answers-500", "exits-0-at-start", "hangs-at-start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every miniature of this module stands on: a migrated database to clone, and a bus."""

    workspace: Workspace
    postgres: EmbeddedPostgres
    bus: EmbeddedRedis
    template: str

    def program(self, fault: str, port: int) -> tuple[Program, Instance]:
        """Launch a miniature with a fault (or none) on a database of its own; it may not be ready yet."""
        database_url = self.postgres.url(self.postgres.create_database("miniature", template=self.template))
        environment = _environment(database_url, self.bus.url) | {"MINIATURE_FAULT": fault}
        argv = (sys.executable, "-P", "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port))
        program = Program.start(Launch(argv=argv, cwd=MINIATURE, env=environment), self.workspace)
        return program, Instance(url=f"http://127.0.0.1:{port}", database_url=database_url, secret=SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A miniature that runs, its tenant with a spec, task and agent, and what the driver noted."""

    program: Program
    instance: Instance
    journal: Journal
    platform: Platform
    task: str
    agent: str

    def stored(self) -> int:
        """Number of cost records of the task, by our own SQL."""
        with connect(self.instance.database_url) as connection:
            query = "SELECT count(*) FROM cost_records WHERE task_id = %s"
            row = connection.execute(query, (self.task,)).fetchone()
            return int(row[0]) if row else -1


class Tenant(Platform, Protocol):
    """The miniature's tenant can let its connections go."""

    def close(self) -> None:
        """Let them go."""
        ...


class Miniature(Protocol):
    """The driver, as far as these tests use it."""

    def tenant(self, instance: Instance, journal: Journal) -> Tenant:
        """Open the platform for a new organisation."""
        ...


@pytest.fixture(scope="module")
def driver() -> Miniature:
    """The driver, loaded from its file as the command loads it."""
    spec = importlib.util.spec_from_file_location("miniature_target", MINIATURE / "target.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.driver


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Real servers, and the miniature's own revisions applied once."""
    with Workspace.open() as workspace:
        postgres, bus = EmbeddedPostgres.start(workspace), EmbeddedRedis.start(workspace)
        template = postgres.create_database("template")
        _alembic("upgrade", "head", url=postgres.url(template))
        yield Ground(workspace=workspace, postgres=postgres, bus=bus, template=template)


@pytest.fixture(scope="module")
def healthy(ground: Ground, driver: Miniature) -> Iterator[Scene]:
    """The miniature in its harmless form."""
    with _scene(ground, driver, fault="") as scene:
        yield scene


@pytest.fixture(scope="module")
def mischievous(ground: Ground, driver: Miniature) -> Iterator[Scene]:
    """The miniature with several faults at once."""
    with _scene(ground, driver, fault=",".join(SIDE_BY_SIDE)) as scene:
        yield scene


def test_every_revision_goes_up_down_and_up(ground: Ground) -> None:
    """The history is reversible: after base nothing is left, and the schema comes back the same."""
    database = ground.postgres.create_database("history")
    url = ground.postgres.url(database)
    _alembic("upgrade", "head", url=url)
    before = ground.postgres.dump_schema(database)
    _alembic("downgrade", "base", url=url)
    assert "CREATE TABLE public.cost_records" not in ground.postgres.dump_schema(database)
    _alembic("upgrade", "head", url=url)
    assert ground.postgres.dump_schema(database) == before


def test_models_and_revisions_agree(ground: Ground) -> None:
    """Alembic finds nothing to migrate between the tables and the models."""
    database = ground.postgres.create_database("drift")
    _alembic("upgrade", "head", url=ground.postgres.url(database))
    _alembic("check", url=ground.postgres.url(database))


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
    """The deletion is accepted, and the costs are still listed and stored."""
    platform = healthy.platform
    task = platform.create_task(platform.create_spec(platform.create_project("p"), "s"), "t")
    cost = platform.record_cost(LISTED, task_id=task)
    assert platform.delete_task(task).accepted
    assert platform.costs_of_task(task) == (cost,)


def test_an_agent_with_costs_is_not_deleted_and_another_is(healthy: Scene) -> None:
    """The refusal says why; an agent without costs goes."""
    healthy.platform.record_cost(LISTED, task_id=healthy.task, agent_id=healthy.agent)
    refused = healthy.platform.delete_agent(healthy.agent)
    assert not refused.accepted
    assert "has costs" in refused.words
    idle = healthy.platform.create_agent(healthy.platform.create_project("idle"), "idle")
    assert healthy.platform.delete_agent(idle).accepted


def test_a_planted_task_is_adopted(healthy: Scene) -> None:
    """A task out of anyone's reach is refused before, and takes costs after its adoption."""
    task = str(uuid4())
    with connect(healthy.instance.database_url) as connection:
        connection.execute("INSERT INTO tasks (id, title, phase) VALUES (%s, 'planted', 'design')", (task,))
    with pytest.raises(PlatformMisbehaved, match="404"):
        healthy.platform.record_cost(LISTED, task_id=task)
    healthy.platform.adopt_task(task)
    assert healthy.platform.record_cost(LISTED, task_id=task).task_id == task


def test_one_tenant_does_not_see_another(healthy: Scene, driver: Miniature) -> None:
    """Costs of an organisation are listed for its own people only."""
    healthy.platform.record_cost(LISTED, task_id=healthy.task)
    with closing(driver.tenant(healthy.instance, Journal())) as stranger:
        assert stranger.costs_of_task(healthy.task) == ()


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
        message = listener.await_message(lambda one: cost.id in one.text)
    told = json.loads(message.text)
    assert (message.channel, told["event_type"]) == ("events.cost.recorded", "cost.recorded")
    assert told["payload"]["total_cost"] == pytest.approx(cost.total_cost)


def test_unlisted_prices_may_raise(mischievous: Scene) -> None:
    """A call of an unknown provider is answered 500, one that the file lists is priced."""
    with pytest.raises(PlatformMisbehaved, match="500"):
        mischievous.platform.record_cost(UNLISTED, task_id=mischievous.task)
    assert mischievous.platform.record_cost(LISTED, task_id=mischievous.task).total_cost > 0


def test_costs_may_be_rounded(mischievous: Scene) -> None:
    """The cost is that of the file to the cent, and no closer."""
    assert mischievous.platform.record_cost(LISTED, task_id=mischievous.task).total_cost == 0.37


def test_costs_may_go_with_their_task(mischievous: Scene) -> None:
    """A deletion takes the rows of the task along."""
    mischievous.platform.record_cost(LISTED, task_id=mischievous.task)
    assert mischievous.stored() > 0
    assert mischievous.platform.delete_task(mischievous.task).accepted
    assert mischievous.stored() == 0


def test_a_log_may_be_flooded_and_tell_the_secret(mischievous: Scene) -> None:
    """More than 30 MiB were written, and the secret is among them."""
    assert mischievous.program.log.dropped > 30 * 1024 * 1024
    assert SECRET in mischievous.program.output()


def test_nothing_may_be_stored(ground: Ground, driver: Miniature) -> None:
    """The answer is that of a recorded cost, and there is no row."""
    with _scene(ground, driver, fault="stores-nothing") as scene:
        assert scene.platform.record_cost(LISTED, task_id=scene.task).total_tokens == 1_999_999
        assert scene.stored() == 0


def test_recording_may_be_deadly(ground: Ground, driver: Miniature) -> None:
    """The process ends with code 1, and there is no row."""
    with _scene(ground, driver, fault="dies-on-record") as scene:
        with pytest.raises(PlatformMisbehaved):
            scene.platform.record_cost(LISTED, task_id=scene.task)
        assert scene.program.wait(START_SECONDS) == 1
        assert scene.stored() == 0


def test_a_start_may_hang_and_so_may_requests(ground: Ground) -> None:
    """One process hangs without a port while another, started after it, has long opened its own to answer nothing."""
    with _launched(ground, "hangs-at-start") as (stuck, closed), _launched(ground, "hangs") as (program, instance):
        assert _await_port(program, instance)
        assert stuck.alive
        assert not _answers(closed)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{instance.url}/api/v1/costs/records", timeout=2.0)
        stuck.kill()
        program.kill()


def test_every_request_may_be_answered_500(ground: Ground) -> None:
    """Even a request without a token is answered 500."""
    with _launched(ground, "answers-500") as (program, instance):
        assert _await_port(program, instance)
        answer = httpx.get(f"{instance.url}/api/v1/costs/records")
        assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR


def test_a_start_may_end_with_success_and_no_port(ground: Ground) -> None:
    """The process ends with code 0 before it serves anything."""
    with _launched(ground, "exits-0-at-start") as (program, _):
        assert program.wait(START_SECONDS) == 0


def test_an_unknown_fault_stops_the_start(ground: Ground) -> None:
    """A typing error in the fault's name does not pass for health."""
    with _launched(ground, "hungs") as (program, _):
        assert program.wait(START_SECONDS) not in (None, 0)
        assert "MINIATURE_FAULT names hungs" in program.output()


def test_every_fault_is_tried_here() -> None:
    """No fault that the miniature documents is missing among these tests."""
    listing = "import json; from omoi_os.faults import FAULTS; print(json.dumps(list(FAULTS)))"
    said = subprocess.run([sys.executable, "-c", listing], cwd=MINIATURE, capture_output=True, check=True, timeout=60)
    assert sorted(json.loads(said.stdout)) == sorted((*SIDE_BY_SIDE, *ALONE))


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


@contextmanager
def _scene(ground: Ground, driver: Miniature, *, fault: str) -> Generator[Scene]:
    with _launched(ground, fault) as (program, instance):
        assert _await_port(program, instance), program.tail()
        journal = Journal()
        with closing(driver.tenant(instance, journal)) as platform:
            project = platform.create_project("one")
            task = platform.create_task(platform.create_spec(project, "first"), "think")
            agent = platform.create_agent(project, "a thinker")
            yield Scene(program=program, instance=instance, journal=journal, platform=platform, task=task, agent=agent)


@contextmanager
def _launched(ground: Ground, fault: str) -> Generator[tuple[Program, Instance]]:
    program, instance = ground.program(fault, free_port())
    try:
        yield program, instance
    finally:
        program.stop()


def _await_port(program: Program, instance: Instance) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while program.alive and time.monotonic() < deadline:
        if _answers(instance):
            return True
        time.sleep(0.02)
    return False


def _answers(instance: Instance) -> bool:
    try:
        httpx.get(f"{instance.url}/", timeout=0.5)
    except httpx.ConnectError:
        return False
    except httpx.TimeoutException:
        return True
    return True


def _alembic(*words: str, url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "alembic", *words],
        cwd=MINIATURE,
        env=_environment(url, "redis://unused"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + done.stdout


def _environment(database_url: str, redis_url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(MINIATURE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "AUTH_JWT_SECRET_KEY": SECRET,
    }
