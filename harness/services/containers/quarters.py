"""Servers in containers, as a lane of a run uses them, and the platform with them."""

from contextlib import AbstractContextManager

from harness.services.containers.dock import Dock
from harness.services.containers.postgres import ContainerPostgres
from harness.services.containers.provider import ContainerProvider
from harness.services.containers.redis import ContainerRedis
from harness.services.containers.room import ContainerRoom
from harness.services.interface import BusServer, MortalDatabaseServer, lent
from harness.services.provider.stub import ProviderStub


class ContainerQuarters:
    """The containers of one lane, in the network of its dock; each of them can be cut off."""

    def __init__(self, dock: Dock) -> None:
        self._dock = dock
        self.room = ContainerRoom(dock)

    def database_server(
        self, *, durable: bool = False, severable: bool = False
    ) -> AbstractContextManager[MortalDatabaseServer]:
        """A PostgreSQL server of our own."""
        del severable
        return lent(ContainerPostgres.start(self._dock, durable=durable))

    def bus_server(self, *, severable: bool = False) -> AbstractContextManager[BusServer]:
        """A Redis server of our own."""
        del severable
        return lent(ContainerRedis.start(self._dock))

    def spare_bus_server(self) -> AbstractContextManager[BusServer]:
        """Another one."""
        return self.bus_server()

    def provider(self, seed: str) -> ProviderStub:
        """An LLM provider in its container."""
        return ContainerProvider.start(self._dock, seed)
