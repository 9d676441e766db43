"""A PostgreSQL server that was given by its address: databases of our own on it, no other touched.

The platform is given the same role as the harness, and so are its tests. So the role may be able to drop nothing else.
"""

import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from harness.redaction import first_line
from harness.services import postgres_binaries
from harness.services.databases import Databases, connect
from harness.services.given import GivenRefused, NotOurs

OLDEST: Final = 150_000
_MAINTENANCE: Final = "postgres"
_OURS: Final = re.compile(r"(conform_\d{8}t\d{6}_[0-9a-f]{6}_[a-z]+)_\w+")
_ROLE: Final = "SELECT rolsuper, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
_DROPPABLE: Final = """
SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT LIKE 'conform\\_%%' AND datname <> 'postgres'
AND (%s OR pg_get_userbyid(datdba) = current_user) ORDER BY datname
"""
_BY_US: Final = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user ORDER BY datname"
_AT_WORK: Final = "SELECT DISTINCT application_name FROM pg_stat_activity"


class GivenPostgres(NotOurs):
    """A database server; see DatabaseServer for its verbs. Use it in a `with`: what was made on it is dropped."""

    name: ClassVar[str] = "PostgreSQL"

    def __init__(self, url: str, *, run: str) -> None:
        self._databases = Databases(url, pg_dump=postgres_binaries.find().folder / "pg_dump", run=run)
        # As long as it stands, nobody takes the databases of this run for leftovers.
        sign = _connected(url, sign=f"conform_{run}")
        self._leaving = ExitStack()
        self._leaving.callback(sign.close)
        self.version = str(sign.info.parameter_status("server_version"))
        self.address = urlsplit(url).netloc.rpartition("@")[2]

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on it, with the password."""
        return self._databases.url(database)

    def create_database(self, label: str, *, template: str | None = None) -> str:
        """Make a database, empty or cloned from one that nobody is connected to; returns its unique name."""
        made = self._databases.create(label, template=template)
        self._leaving.callback(self._databases.drop, made)
        return made

    def drop_database(self, name: str) -> None:
        """Drop a database of ours, together with the connections to it."""
        self._databases.drop(name)

    def dump_schema(self, database: str) -> str:
        """The schema as `pg_dump` writes it."""
        return self._databases.dump_schema(database)

    def local_pid(self, number: int) -> int:
        """Its processes may run anywhere."""
        del number
        return 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Drop every database that was made here, whatever becomes of the others, and let the server go."""
        self._leaving.close()


def verify(url: str) -> str:
    """Give the version of a server on which the harness may work; GivenRefused for any other, with the reason."""
    with _asking(url) as connection:
        version = str(connection.info.parameter_status("server_version"))
        if connection.info.server_version < OLDEST:
            raise GivenRefused(f"PostgreSQL {version} is too old", hint="give PostgreSQL 15 or newer")
        mighty, may_create = _row(connection)
        if not may_create:
            hint = "ALTER ROLE … CREATEDB; it needs nothing else"
            raise GivenRefused("the role that was given for PostgreSQL may not create databases", hint=hint)
        foreign = [str(row[0]) for row in connection.execute(_DROPPABLE, (mighty,)).fetchall()]
    if foreign:
        raise GivenRefused(
            f"the role that was given for PostgreSQL could drop databases that are not ours: {', '.join(foreign)}",
            causes=("the platform that is judged acts with this role",),
            hint="CREATE ROLE … LOGIN CREATEDB, which owns nothing, and give that one",
        )
    return version


def clean(url: str) -> tuple[str, ...]:
    """Drop the databases of runs that were killed; returns their names. One that is in use by anybody stays."""
    with _asking(url) as connection:
        at_work = {str(row[0]) for row in connection.execute(_AT_WORK).fetchall()}
        names = [str(row[0]) for row in connection.execute(_BY_US).fetchall()]
        orphans = [name for name in names if (ours := _OURS.fullmatch(name)) and ours[1] not in at_work]
        return tuple(name for name in orphans if _dropped(connection, name))


def _dropped(connection: psycopg.Connection, name: str) -> bool:
    try:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        return False
    return True


def _row(connection: psycopg.Connection) -> tuple[bool, bool]:
    row = connection.execute(_ROLE).fetchone()
    return (bool(row[0]), bool(row[1])) if row else (False, False)


@contextmanager
def _asking(url: str) -> Generator[psycopg.Connection]:
    try:
        with _connected(url, sign="conform") as connection:
            yield connection
    except psycopg.Error as error:
        raise GivenRefused("the PostgreSQL that was given refused a question", causes=(first_line(error),)) from error


def _connected(url: str, *, sign: str) -> psycopg.Connection:
    try:
        connection = connect(f"{url}/{_MAINTENANCE}")
        connection.execute("SELECT set_config('application_name', %s, false)", (sign,))
    except psycopg.Error as error:
        hint = "look at the address, and at CONFORM_POSTGRES_PASSWORD or CONFORM_POSTGRES_PASSWORD_FILE"
        raise GivenRefused(
            "the PostgreSQL that was given cannot be reached", causes=(first_line(error),), hint=hint
        ) from error
    return connection
