"""Somebody else's servers, to be given to the harness: real ones, with a database and a role that are not ours."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from harness.services.bus_client import BusClient
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace

# With letters that a URL escapes.
SECRET = "pa55/w@rd"  # noqa: S105 - nobody else's


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """URLs with passwords: of one who may do everything, of whoever may create databases alone, and of Redis."""

    admin: str
    role: str
    redis: str

    @property
    def words(self) -> str:
        """The two addresses as they are typed."""
        role, redis = urlsplit(self.role), urlsplit(self.redis)
        place = (role.netloc.rpartition("@")[2], redis.netloc.rpartition("@")[2])
        return f"{role.scheme}://{role.username}@{place[0]},{redis.scheme}://{place[1]}{redis.path}"

    @property
    def passwords(self) -> dict[str, str]:
        """The variables that hold the passwords."""
        return {"CONFORM_POSTGRES_PASSWORD": SECRET, "CONFORM_REDIS_PASSWORD": urlsplit(self.redis).password or ""}

    @property
    def databases(self) -> set[str]:
        """Every database that is no template."""
        with connect(f"{self.admin}/postgres") as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        return {str(row[0]) for row in rows}

    def execute(self, *statements: str) -> None:
        """Let the administrator do something."""
        with connect(f"{self.admin}/postgres") as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def store(self, key: str, value: str, *, number: int = 3) -> None:
        """Put a key into a database of Redis."""
        with BusClient(self.numbered(number)) as client:
            assert client.claim(key, value)

    def numbered(self, number: int) -> str:
        """The URL of another database of Redis."""
        return f"{self.redis.rpartition('/')[0]}/{number}"


@contextmanager
def opened() -> Generator[Host]:
    """Start the servers; on PostgreSQL there is a database of somebody else's."""
    with Workspace.open() as workspace:
        postgres, redis = EmbeddedPostgres.start(workspace, durable=True), EmbeddedRedis.start(workspace)
        made = Host(
            admin=postgres.url("").rstrip("/"),
            role=f"postgresql+psycopg://tester:{quote(SECRET, safe='')}@{postgres.address}",
            redis=f"{redis.url.rpartition('/')[0]}/3",
        )
        made.execute(f"CREATE ROLE tester LOGIN CREATEDB PASSWORD '{SECRET}'", "CREATE DATABASE shop")
        yield made
