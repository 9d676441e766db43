"""Servers, a migrated database of its own for each test, and a running platform."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, make_url, text

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from demo import embedded  # noqa: E402 - the path above makes it importable
from demo.provider import FakeProvider  # noqa: E402 - the path above makes it importable
from omoi_os.models import catalogue  # noqa: E402 - the path above makes it importable
from omoi_os.services.database import DatabaseService  # noqa: E402 - the path above makes it importable
from people import Person, Platform  # noqa: E402 - the path above makes it importable
from workshop import Premises, Workshop  # noqa: E402 - the path above makes it importable

SECRET = "a secret of the tests that is long enough for HS256"  # noqa: S105 - it opens nothing but the tests


def pytest_configure() -> None:
    """Let a terminated run end like an interrupted one, so that its servers are stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_url() -> Generator[str]:
    """The server the environment names, or one of our own."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    with embedded.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Generator[str]:
    """The server the environment names, or one of our own."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with embedded.redis() as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Generator[str]:
    """A migrated database to clone."""
    name = create_database(postgres_url)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DATABASE_URL", address_of(postgres_url, name))
        # Here rather than by `alembic`, which would import everything once more.
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
    yield name
    drop_database(postgres_url, name)


@pytest.fixture
def empty_database(postgres_url: str) -> Generator[str]:
    """The address of a database without tables."""
    name = create_database(postgres_url)
    yield address_of(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Generator[str]:
    """The address of a migrated database that nobody else uses."""
    name = create_database(postgres_url, template)
    yield address_of(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture(scope="session")
def kept_database(postgres_url: str, template: str) -> Generator[str]:
    """The address of a migrated database that tests use one after another."""
    name = create_database(postgres_url, template)
    yield address_of(postgres_url, name)
    drop_database(postgres_url, name)


@pytest.fixture
def emptied_database(kept_database: str) -> str:
    """The address of a migrated database without rows, which is there much sooner than one of its own."""
    engine = create_engine(kept_database)
    with engine.begin() as connection:
        for table in reversed(catalogue.schema().sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return kept_database


@pytest.fixture
def db(emptied_database: str) -> Generator[DatabaseService]:
    """A database service on a migrated database without rows."""
    service = DatabaseService(emptied_database)
    yield service
    service.close()


@pytest.fixture
def provider() -> Generator[FakeProvider]:
    """An LLM provider that remembers what it served."""
    with FakeProvider() as served:
        yield served


@pytest.fixture
def platform(database_url: str, redis_url: str, provider: FakeProvider) -> Generator[Platform]:
    """A platform served by a process of its own, whose agents call the provider."""
    with serving(environment(database_url, redis_url) | provider.environment) as served:
        yield served


@pytest.fixture(scope="session")
def premises(postgres_url: str, template: str, redis_url: str) -> Generator[Premises]:
    """A platform that many tests share, each of them in a project of its own."""
    name = create_database(postgres_url, template)
    database_url = address_of(postgres_url, name)
    with FakeProvider() as provider, serving(environment(database_url, redis_url) | provider.environment) as platform:
        yield Premises.founded(platform, provider, database_url)
    drop_database(postgres_url, name)


@pytest.fixture
def workshop(premises: Premises) -> Workshop:
    """A workshop of its own on shared premises, whose spec is in draft and whose provider has served nothing yet."""
    premises.provider.served.clear()
    return Workshop.opened_by(premises.owner, premises.organization)


@pytest.fixture
def owner(platform: Platform) -> Person:
    """Somebody who owns what the tests use."""
    return platform.person()


@contextmanager
def serving(settings: dict[str, str]) -> Generator[Platform]:
    """Run a platform in a process of its own."""
    port = embedded.free_port()
    words = [sys.executable, "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port), "--log-level", "warning"]
    with embedded.running(words, port, cwd=ROOT, env=settings), Platform(port) as served:
        yield served


def environment(database_url: str, redis_url: str) -> dict[str, str]:
    """Return the settings of a platform under test."""
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "AUTH_JWT_SECRET_KEY": SECRET}
    return {**os.environ, **settings, "PYTHONPATH": str(ROOT)}


def alembic(database_url: str, *words: str) -> str:
    """Run Alembic; returns what it printed."""
    program = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini")]
    ended = subprocess.run(
        [*program, *words],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def create_database(server: str, template: str = "template1") -> str:
    """Create a database with a name of its own; returns the name."""
    name = f"omoi_os_test_{uuid4().hex[:12]}"
    _on_server(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def drop_database(server: str, name: str) -> None:
    """Drop a database that was created here."""
    _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def address_of(server: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _on_server(server: str, statement: str) -> None:
    """Execute one statement outside a transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
