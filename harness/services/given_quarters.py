"""Services that were given by their addresses, as a lane of a run uses them."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from harness.services.addresses import Addresses
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.given_postgres import GivenPostgres
from harness.services.given_redis import GivenRedis
from harness.services.interface import BusServer, MortalDatabaseServer, lent
from harness.services.provider.stub import ProviderStub
from harness.services.workspace import Workspace


class GivenQuarters:
    """The given servers, for one lane; `run` names what is made on them, and platforms run on this machine."""

    room = None

    def __init__(self, given: Addresses, workspace: Workspace, *, run: str) -> None:
        self._given = given
        self._workspace = workspace
        self._run = run

    @contextmanager
    def database_server(self, *, durable: bool = False, severable: bool = False) -> Generator[MortalDatabaseServer]:
        """The given PostgreSQL, however durable it is: whoever needs that asks it."""
        del durable, severable
        with GivenPostgres(self._given.postgres_url, run=self._run) as server:
            yield server

    @contextmanager
    def bus_server(self, *, severable: bool = False) -> Generator[BusServer]:
        """The database of Redis that was given, for this lane alone."""
        del severable
        with GivenRedis(self._given.redis_url, run=self._run) as server:
            yield server

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """A server of our own, since the given one is never flushed."""
        return lent(EmbeddedRedis.start(self._workspace))

    def provider(self, seed: str) -> ProviderStub:
        """An LLM provider in this process."""
        return ProviderStub(seed)
