"""Where the services of a lane come from: the one place that knows every kind."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from harness.services import addresses, given_postgres, given_redis
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.given_postgres import GivenPostgres
from harness.services.given_redis import GivenRedis
from harness.services.interface import BusServer, DatabaseServer
from harness.services.workspace import Workspace

EMBEDDED: Final = "embedded"


def verify(services: str) -> tuple[str, ...]:
    """Refuse services on which no run may work, before anything is judged; gives the versions of given ones."""
    if not addresses.are(services):
        return ()
    found = addresses.read(services)
    return (f"PostgreSQL {given_postgres.verify(found.postgres_url)}", given_redis.verify(found.redis_url))


def clean(services: str) -> tuple[str, ...]:
    """Remove what killed runs left on given services; returns the names of what is gone."""
    if not addresses.are(services):
        return ()
    found = addresses.read(services)
    return (*given_postgres.clean(found.postgres_url), *given_redis.clean(found.redis_url))


@contextmanager
def database_server(services: str, workspace: Workspace, *, run: str, durable: bool) -> Generator[DatabaseServer]:
    """A database server of a kind, for a lane of a run; `durable` asks for one that keeps what is committed."""
    if addresses.are(services):
        with GivenPostgres(addresses.read(services).postgres_url, run=run) as given:
            yield given
        return
    server = EmbeddedPostgres.start(workspace, durable=durable)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def bus_server(services: str, workspace: Workspace, *, run: str) -> Generator[BusServer]:
    """A bus server of a kind, for a lane of a run."""
    if addresses.are(services):
        with GivenRedis(addresses.read(services).redis_url, run=run) as given:
            yield given
        return
    server = EmbeddedRedis.start(workspace)
    try:
        yield server
    finally:
        server.stop()
