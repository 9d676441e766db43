"""A real PostgreSQL server in a container: the programs of the embedded one, reached at a port of loopback."""

import secrets
from collections.abc import Callable
from typing import Self

from harness.services import postgres_binaries
from harness.services.containers import naming
from harness.services.containers.container import Cargo, Container
from harness.services.containers.dock import Dock
from harness.services.containers.server import SERVE, ContainedServer
from harness.services.databases import DRIVER, Databases, connect
from harness.services.embedded_postgres import CAREFUL, CARELESS, READY, READY_SECONDS, ROLE, SETTINGS
from harness.services.port import free_port, on_free_port


class ContainerPostgres(ContainedServer):
    """A database server; see DatabaseServer for its verbs."""

    def __init__(self, container: Container, *, password: str, durable: bool) -> None:
        super().__init__(container, ready=READY, seconds=READY_SECONDS)
        pg_dump = postgres_binaries.find().folder / "pg_dump"
        self._databases = Databases(f"{DRIVER}{ROLE}:{password}@{self.address}", pg_dump=pg_dump)
        self.durable = durable
        with connect(self.url("postgres")) as connection:
            row = connection.execute("SHOW server_version").fetchone()
            self.version = str(row[0]) if row else ""

    @classmethod
    def start(cls, dock: Dock, *, durable: bool = False, pick_port: Callable[[], int] = free_port) -> Self:
        """Make a new cluster and start it; raises ServiceDidNotStart with the last words of the log."""
        password = secrets.token_hex(16)

        def launch(port: int) -> Container:
            return Container.start(dock, _cargo(port, password, durable=durable), port=port)

        return cls(on_free_port(launch, pick_port), password=password, durable=durable)

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on it, with the password."""
        return self._databases.url(database)

    def create_database(self, label: str, *, template: str | None = None) -> str:
        """Make a database, empty or cloned from one that nobody is connected to; returns its unique name."""
        return self._databases.create(label, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database of ours, together with the connections to it."""
        self._databases.drop(name)

    def dump_schema(self, database: str) -> str:
        """The schema as `pg_dump` writes it."""
        return self._databases.dump_schema(database)

    def local_pid(self, number: int) -> int:
        """The number on this machine of a process that the server calls by this one; 0 where that is not known."""
        return self.container.local_pid(number)

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills the server at once, as a power cut would."""
        return self.container.aim()


def _cargo(port: int, password: str, *, durable: bool) -> Cargo:
    """The server; inside too it listens on the port that it is reached at, which it tells whoever asks."""
    settings = {**SETTINGS, "listen_addresses": "*", "port": str(port), **(CAREFUL if durable else CARELESS)}
    return Cargo(
        what="PostgreSQL",
        image=naming.image("postgres"),
        argv=(SERVE, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))),
        env={"CONFORM_PASSWORD": password, "TZ": "UTC"},
        port=port,
        secrets=(password,),
    )
