"""What the harness asks of a database server and of a bus server, wherever they come from."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from harness.errors import ConformError

PREFIX = "conform_"


class ServiceRefused(ConformError):
    """A service of our own refused something that the harness needs: the platform is not to blame."""

    code = "service-refused"


class Server(Protocol):
    """A service that can be stopped, killed, frozen and brought back at the same address."""

    @property
    def version(self) -> str:
        """What it calls itself, once started."""
        ...

    @property
    def address(self) -> str:
        """`host:port`, without secrets."""
        ...

    @property
    def alive(self) -> bool:
        """Whether its process runs, frozen or not."""
        ...

    def stop(self) -> None:
        """End it in order."""
        ...

    def kill(self) -> None:
        """End it as a power cut would."""
        ...

    def pause(self) -> None:
        """Freeze it: connections stay open, nobody answers."""
        ...

    def resume(self) -> None:
        """Let it go on."""
        ...

    def cut(self) -> None:
        """Cut it off: it runs on, nobody reaches it, open connections fall silent.

        ServiceRefused for one that was not started to be `severable`.
        """
        ...

    def mend(self) -> None:
        """Let it be reached again at the same address; what was open when it was cut off is over."""
        ...

    def restart(self) -> None:
        """Bring it back at the same address with the same data, whether it runs or not."""
        ...

    def remove(self) -> None:
        """End it for good, with all that it stored."""
        ...

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its log, without secrets."""
        ...


class DatabaseServer(Server, Protocol):
    """A PostgreSQL server on which the harness makes databases of its own, and touches no other."""

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on it, with the password: `postgresql+psycopg://…`."""
        ...

    def create_database(self, label: str, *, template: str | None = None) -> str:
        """Make a database, empty or cloned from one that nobody is connected to; returns its unique name."""
        ...

    def drop_database(self, name: str) -> None:
        """Drop a database of ours, together with the connections to it."""
        ...

    def dump_schema(self, database: str) -> str:
        """The schema as `pg_dump` writes it, the same text for the same schema."""
        ...

    def local_pid(self, number: int) -> int:
        """The number on this machine of a process that the server calls by this one; 0 where that is not known."""
        ...


class MortalDatabaseServer(DatabaseServer, Protocol):
    """A PostgreSQL server that can be killed at a chosen moment, or says that it must not be."""

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills the server at once, as a power cut would."""
        ...


class BusServer(Server, Protocol):
    """A server that speaks the Redis protocol."""

    @property
    def url(self) -> str:
        """URL for a Redis client, with the password."""
        ...


Lent = TypeVar("Lent", bound=Server)


@contextmanager
def lent(server: Lent) -> Generator[Lent]:
    """Lend a server for the while of a `with`, at whose end it is removed."""
    try:
        yield server
    finally:
        server.remove()
