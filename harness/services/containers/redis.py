"""A real Redis-compatible server in a container: the program of the embedded one."""

import secrets
from collections.abc import Callable
from typing import Final, Self

from harness.services.bus_client import BusClient
from harness.services.containers import naming
from harness.services.containers.container import Cargo, Container
from harness.services.containers.dock import Dock
from harness.services.containers.server import SERVE, ContainedServer
from harness.services.embedded_redis import READY, READY_SECONDS
from harness.services.port import free_port, on_free_port

PORT: Final = 6379


class ContainerRedis(ContainedServer):
    """A bus server; see BusServer for its verbs."""

    def __init__(self, container: Container, *, password: str) -> None:
        super().__init__(container, ready=READY, seconds=READY_SECONDS)
        self._password = password
        with BusClient(self.url) as client:
            self.version = client.version()

    @classmethod
    def start(
        cls, dock: Dock, *, durable: bool = False, password: bool = True, pick_port: Callable[[], int] = free_port
    ) -> Self:
        """Start a new, empty server; raises ServiceDidNotStart with the last words of its log."""
        secret = secrets.token_hex(16) if password else ""
        options = {"bind": "0.0.0.0", "port": str(PORT), "daemonize": "no", "save": ""}  # noqa: S104 - in a container
        logged = {"appendonly": "yes" if durable else "no", "appendfsync": "always"}
        cargo = Cargo(
            what="Redis",
            image=naming.image("redis"),
            argv=(SERVE, *(word for name, value in (options | logged).items() for word in (f"--{name}", value))),
            env={"CONFORM_PASSWORD": secret, "TZ": "UTC"},
            port=PORT,
            secrets=(secret,),
        )
        return cls(on_free_port(lambda port: Container.start(dock, cargo, port=port), pick_port), password=secret)

    @property
    def url(self) -> str:
        """URL for a Redis client, with the password."""
        login = f":{self._password}@" if self._password else ""
        return f"redis://{login}{self.address}/0"
