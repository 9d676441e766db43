"""Which kind of services a run stands on: the one place that knows every kind; each makes the same servers."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from harness.services import addresses, given_postgres, given_redis
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.given_quarters import GivenQuarters
from harness.services.interface import BusServer, MortalDatabaseServer
from harness.services.workspace import Workspace

EMBEDDED: Final = "embedded"


class Quarters(Protocol):
    """Where the services of one lane are made."""

    def database_server(self, *, durable: bool = False) -> AbstractContextManager[MortalDatabaseServer]:
        """A PostgreSQL server with databases of our own; `durable` asks for one on which commits last."""
        ...

    def bus_server(self) -> AbstractContextManager[BusServer]:
        """A Redis server, or one database of it."""
        ...

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """A Redis server that may be flushed."""
        ...


def open_quarters(services: str, workspace: Workspace, *, run: str) -> Quarters:
    """Open the quarters of one lane of a run, by the words of `--services`."""
    if addresses.are(services):
        return GivenQuarters(addresses.read(services), workspace, run=run)
    return EmbeddedQuarters(workspace)


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


class EmbeddedQuarters:
    """Servers of packages, beside us on loopback."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @contextmanager
    def database_server(self, *, durable: bool = False) -> Generator[MortalDatabaseServer]:
        """A PostgreSQL server of our own."""
        server = EmbeddedPostgres.start(self._workspace, durable=durable)
        try:
            yield server
        finally:
            server.stop()

    @contextmanager
    def bus_server(self) -> Generator[BusServer]:
        """A Redis server of our own."""
        server = EmbeddedRedis.start(self._workspace)
        try:
            yield server
        finally:
            server.stop()

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """Another one."""
        return self.bus_server()
