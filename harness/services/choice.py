"""Where the services of a lane come from: the one place that knows every kind; each makes the same servers."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from harness.errors import CannotTell
from harness.services import addresses, deployed, given_postgres, given_redis, kinds
from harness.services.containers.dock import Dock
from harness.services.containers.quarters import ContainerQuarters
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.given_quarters import GivenQuarters
from harness.services.interface import BusServer, MortalDatabaseServer, lent
from harness.services.provider.stub import ProviderStub
from harness.services.room import Room
from harness.services.workspace import Workspace


class Quarters(Protocol):
    """Where the services of one lane are made; `room` is where platforms run beside them, None for this machine."""

    @property
    def room(self) -> Room | None:
        """Where platforms run."""
        ...

    def database_server(
        self, *, durable: bool = False, severable: bool = False
    ) -> AbstractContextManager[MortalDatabaseServer]:
        """A PostgreSQL server with databases of our own.

        `durable` asks for one on which commits last, `severable` for one that can be cut off.
        """
        ...

    def bus_server(self, *, severable: bool = False) -> AbstractContextManager[BusServer]:
        """A Redis server, or one database of it."""
        ...

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """A Redis server that may be flushed."""
        ...

    def provider(self, seed: str) -> AbstractContextManager[ProviderStub]:
        """An LLM provider whose counts are drawn from this seed."""
        ...


@contextmanager
def open_quarters(services: str, workspace: Workspace, *, run: str) -> Generator[Quarters]:
    """Open the quarters of one lane of a run, on services of a kind or on those of some addresses.

    CannotTell where only a running platform is given.
    """
    if deployed.is_url(services):
        raise CannotTell(deployed.BEYOND_REACH)
    if addresses.are(services):
        yield GivenQuarters(addresses.read(services), workspace, run=run)
    elif services == kinds.CONTAINERS:
        with Dock.open(workspace) as dock:
            yield ContainerQuarters(dock)
    else:
        yield EmbeddedQuarters(workspace)


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

    room = None

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def database_server(
        self, *, durable: bool = False, severable: bool = False
    ) -> AbstractContextManager[MortalDatabaseServer]:
        """A PostgreSQL server of our own."""
        return lent(EmbeddedPostgres.start(self._workspace, durable=durable, severable=severable))

    def bus_server(self, *, severable: bool = False) -> AbstractContextManager[BusServer]:
        """A Redis server of our own."""
        return lent(EmbeddedRedis.start(self._workspace, severable=severable))

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """Another one."""
        return self.bus_server()

    def provider(self, seed: str) -> ProviderStub:
        """An LLM provider in this process."""
        return ProviderStub(seed)
