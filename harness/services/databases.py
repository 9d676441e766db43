"""Databases of our own on a PostgreSQL server: made, cloned, dumped and dropped under an unmistakable name."""

import os
import re
import secrets
import subprocess
from pathlib import Path
from typing import LiteralString
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from harness.redaction import redact
from harness.services.interface import PREFIX, ServiceRefused

DRIVER = "postgresql+psycopg://"
CONNECT_SECONDS = 10
DUMP_SECONDS = 60
_LONGEST = 54


class Databases:
    """The databases that the harness makes on one server, given the server's URL without a database.

    Where others may have databases too, the names say of which `run` they are.
    """

    def __init__(self, server_url: str, *, pg_dump: Path, run: str = "") -> None:
        self._server_url = server_url.rstrip("/")
        self._pg_dump = pg_dump
        self._run = run

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database, with the password."""
        return f"{self._server_url}/{database}"

    def create(self, label: str, *, template: str | None = None) -> str:
        """Make a database, empty or a clone of one that nobody is connected to; returns its unique name."""
        name = name_for(label, run=self._run)
        if template is None:
            self._command("CREATE DATABASE {} TEMPLATE template0", name)
        else:
            # Copying files beats logging them from some megabytes on, and is never much slower.
            self._command("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database of ours, together with the connections to it; one that is gone is no error."""
        if not name.startswith(PREFIX):
            raise ServiceRefused(f"the database {name} was not made by the harness and stays", hint="Drop it yourself.")
        self._command("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def dump_schema(self, database: str) -> str:
        """The schema as `pg_dump` writes it: the same text for the same schema."""
        parts = urlsplit(self.url(database))
        argv = [self._pg_dump, "--schema-only", "--no-owner", "--restrict-key=x", "--no-password"]
        where = ["-h", parts.hostname or "", "-p", str(parts.port or 5432), "-U", unquote(parts.username or "")]
        try:
            done = subprocess.run(
                [*argv, *where, "-d", database],
                env={**os.environ, "PGPASSWORD": unquote(parts.password or ""), "LC_ALL": "C"},
                capture_output=True,
                text=True,
                timeout=DUMP_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _refused("pg_dump could not be run", error) from error
        if done.returncode != 0:
            raise ServiceRefused(f"pg_dump refused {database}", causes=tuple(done.stderr.strip().splitlines()[-3:]))
        return done.stdout

    def _command(self, statement: LiteralString, *names: str) -> None:
        command = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
        try:
            with connect(self.url("postgres")) as connection:
                connection.execute(command)
        except psycopg.Error as error:
            raise _refused(f"the database server refused {statement.format(*names)}", error) from error


def settings(url: str) -> dict[str, str]:
    """The environment by which a platform finds a database: its URL, and its parts, for which some versions ask."""
    parts = urlsplit(url)
    return {
        "DATABASE_URL": url,
        "DB_HOST": parts.hostname or "",
        "DB_PORT": str(parts.port or 5432),
        "DB_NAME": parts.path.removeprefix("/"),
        "DB_USER": unquote(parts.username or ""),
        "DB_PASSWORD": unquote(parts.password or ""),
    }


def name_for(label: str, *, run: str = "") -> str:
    """A new name for a database, unmistakably ours: `conform_<run>_<label>_<random>`, within 63 characters."""
    before = f"{PREFIX}{run}_" if run else PREFIX
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[: _LONGEST - len(before)]
    return f"{before}{words or 'scratch'}_{secrets.token_hex(4)}"


def connect(url: str) -> psycopg.Connection:
    """A connection of ours in autocommit, for a SQLAlchemy URL or a plain one."""
    plain = url.replace(DRIVER, "postgresql://", 1)
    # Prepared statements keep the columns that a table had; under migrations they break.
    return psycopg.connect(plain, autocommit=True, connect_timeout=CONNECT_SECONDS, prepare_threshold=None)


def _refused(message: str, error: Exception) -> ServiceRefused:
    return ServiceRefused(
        message, causes=tuple(redact(str(error)).strip().splitlines()[:3]), hint="Run `conform doctor`."
    )
