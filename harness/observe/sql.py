"""A witness of the database: what a connection of our own reads there, the platform's word aside."""

import secrets
import time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Seen
from harness.redaction import first_line, redact
from harness.services.databases import connect
from harness.services.interface import PREFIX

INSTRUMENT = "sql"
Parameters = tuple[object, ...] | dict[str, object] | None


class Sql:
    """Reads rows on a connection of its own, opened at the first use, each statement in its own transaction."""

    def __init__(self, journal: Journal, url: str) -> None:
        self._journal = journal
        self._url = url
        self._connection: psycopg.Connection | None = None

    def rows(self, claim: str, query: str, params: Parameters = None) -> list[DictRow]:
        """The rows that a query finds; the reading counts them as examined."""
        begun = time.perf_counter()
        rows = self._run(query, params)
        seconds = time.perf_counter() - begun
        self._journal.note(INSTRUMENT, claim, observed=len(rows), examined=len(rows), seconds=seconds)
        return rows

    def value(self, claim: str, query: str, params: Parameters = None) -> Any:
        """The first value of the first row; None when there is no row, which the reading says by examining none."""
        begun = time.perf_counter()
        rows = self._run(query, params)
        seconds = time.perf_counter() - begun
        value = next(iter(rows[0].values())) if rows else None
        self._journal.note(INSTRUMENT, claim, observed=_seen(value), examined=len(rows), seconds=seconds)
        return value

    def execute(self, statement: str, params: Parameters = None) -> None:
        """Seed something; nothing is read and nothing is noted."""
        self._run(statement, params)

    def attempt(self, claim: str, statement: str, params: Parameters = None) -> str | None:
        """Try a statement that the database may refuse; gives the SQLSTATE of its refusal, None when it took it."""
        try:
            self._execute(statement, params)
            code = None
        except psycopg.Error as error:
            code = error.sqlstate or type(error).__name__
        self._journal.note(INSTRUMENT, claim, observed=code or "taken", examined=1)
        return code

    def close(self) -> None:
        """Let the connection go; the next use opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self, statement: str, params: Parameters) -> list[DictRow]:
        try:
            return self._execute(statement, params)
        except psycopg.Error as error:
            self.close()
            raise CannotTell(
                "our own connection to the database could not look",
                causes=(f"{type(error).__name__}: {first_line(error)}",),
            ) from error

    def _execute(self, statement: str, params: Parameters) -> list[DictRow]:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url)
        with self._connection.cursor(row_factory=dict_row) as cursor:
            # Bytes, since psycopg wants literals of those who build statements from input; steps do not.
            cursor.execute(statement.encode(), params)
            return cursor.fetchall() if cursor.description else []


def canary(url: str) -> bool:
    """Whether a row of ours, written on one connection to a database of ours, is read on another."""
    if not url.rpartition("/")[2].startswith(PREFIX):
        raise CannotTell("the canary writes only into databases that the harness made", causes=(redact(url),))
    table = sql.Identifier(f"{PREFIX}canary_{secrets.token_hex(4)}")
    token = secrets.token_hex(8)
    try:
        with connect(url) as writer, connect(url) as reader:
            writer.execute(sql.SQL("CREATE TABLE {} (token text)").format(table))
            try:
                writer.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(table), (token,))
                return reader.execute(sql.SQL("SELECT token FROM {}").format(table)).fetchone() == (token,)
            finally:
                writer.execute(sql.SQL("DROP TABLE {}").format(table))
    except psycopg.Error:
        return False


def _seen(value: object) -> Seen:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
