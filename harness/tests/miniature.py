"""A stage for tests of the miniature platform: its servers, its processes, and a tenant with a task and an agent."""

import importlib.util
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import httpx

from harness.journal import Journal
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.port import free_port
from harness.services.program import Launch, Program
from harness.services.provider.stub import ProviderStub
from harness.services.workspace import Workspace
from harness.targets.platform import Platform
from harness.targets.terms import Call, Instance

MINIATURE: Final = Path(__file__).parents[2] / "fixtures" / "miniatures" / "platform"
SECRET: Final = secrets.token_hex(32)
START_SECONDS: Final = 30.0
LISTED: Final = Call(provider="openai", model="gpt-5-nano", prompt_tokens=1_234_567, completion_tokens=765_432)
UNLISTED: Final = Call(provider="nobody", model="nothing", prompt_tokens=1000, completion_tokens=10)


class Miniature(Protocol):
    """The driver, as far as these tests use it."""

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """Open the platform for a new organisation."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every miniature of this module stands on: a migrated database to clone, a bus, and a provider."""

    workspace: Workspace
    postgres: EmbeddedPostgres
    bus: EmbeddedRedis
    provider: ProviderStub
    template: str

    def program(self, fault: str, port: int) -> tuple[Program, Instance]:
        """Launch a miniature with a fault (or none) on a database of its own; it may not be ready yet."""
        database_url = self.postgres.url(self.postgres.create_database("miniature", template=self.template))
        given = environment(database_url, self.bus.url) | called(self.provider) | {"MINIATURE_FAULT": fault}
        argv = (sys.executable, "-P", "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port))
        program = Program.start(Launch(argv=argv, cwd=MINIATURE, env=given), self.workspace)
        return program, Instance(url=f"http://127.0.0.1:{port}", database_url=database_url, secret=SECRET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A miniature that runs, its tenant with a spec, task and agent, and what the driver noted."""

    program: Program
    instance: Instance
    journal: Journal
    platform: Platform
    project: str
    spec: str
    task: str
    agent: str

    def stored(self) -> int:
        """Number of cost records of the task, by our own SQL."""
        with connect(self.instance.database_url) as connection:
            query = "SELECT count(*) FROM cost_records WHERE task_id = %s"
            row = connection.execute(query, (self.task,)).fetchone()
            return int(row[0]) if row else -1


def load_driver() -> Miniature:
    """Load the driver from its file as the command loads it."""
    spec = importlib.util.spec_from_file_location("miniature_target", MINIATURE / "target.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.driver


@contextmanager
def opened_ground() -> Generator[Ground]:
    """Start real servers, and apply the miniature's own revisions once."""
    with Workspace.open() as workspace, ProviderStub("miniatures") as provider:
        postgres, bus = EmbeddedPostgres.start(workspace), EmbeddedRedis.start(workspace)
        template = postgres.create_database("template")
        alembic("upgrade", "head", url=postgres.url(template))
        yield Ground(workspace=workspace, postgres=postgres, bus=bus, provider=provider, template=template)


@contextmanager
def scene(ground: Ground, *, fault: str) -> Generator[Scene]:
    """Run a miniature and open it for a tenant who has a task and an agent."""
    with launched(ground, fault) as (program, instance):
        assert await_port(program, instance), program.tail()
        journal = Journal()
        with closing(load_driver().tenant(instance, journal)) as platform:
            project = platform.create_project("one")
            spec = platform.create_spec(project, "first")
            yield Scene(
                program=program,
                instance=instance,
                journal=journal,
                platform=platform,
                project=project,
                spec=spec,
                task=platform.create_task(spec, "think"),
                agent=platform.create_agent(project, "a thinker"),
            )


@contextmanager
def launched(ground: Ground, fault: str) -> Generator[tuple[Program, Instance]]:
    """Launch a miniature, and end it afterwards."""
    program, instance = ground.program(fault, free_port())
    try:
        yield program, instance
    finally:
        program.stop()


def await_port(program: Program, instance: Instance) -> bool:
    """Wait until it answers; False when it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while program.alive and time.monotonic() < deadline:
        if answers(instance):
            return True
        time.sleep(0.02)
    return False


def answers(instance: Instance) -> bool:
    """Whether somebody listens there."""
    try:
        httpx.get(f"{instance.url}/", timeout=0.5)
    except httpx.ConnectError:
        return False
    except httpx.TimeoutException:
        return True
    return True


def alembic(*words: str, url: str) -> None:
    """Run the miniature's own migrations."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "alembic", *words],
        cwd=MINIATURE,
        env=environment(url, "redis://unused"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + done.stdout


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """The whole environment of a miniature."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(MINIATURE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "AUTH_JWT_SECRET_KEY": SECRET,
    }


def called(provider: ProviderStub) -> dict[str, str]:
    """The environment by which a miniature finds its provider."""
    return {
        "OPENAI_BASE_URL": f"{provider.url}/v1",
        "OPENAI_API_KEY": "conform",
        "ANTHROPIC_BASE_URL": provider.url,
        "ANTHROPIC_API_KEY": "conform",
    }
