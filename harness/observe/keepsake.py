"""A row of our own that waits for the disk, demanded back after a crash: without it nobody's rows are missed."""

import secrets
from typing import Final

import psycopg
from psycopg import sql

from harness.errors import CannotTell
from harness.journal import Journal
from harness.redaction import first_line
from harness.services.databases import connect
from harness.services.interface import PREFIX

INSTRUMENT: Final = "keepsake"
_WAITS: Final = "SELECT name FROM pg_settings WHERE setting = 'off' AND name = ANY(%s)"
_NEEDED: Final = ["fsync", "full_page_writes", "synchronous_commit"]


class Keepsake:
    """One row in a database of ours, committed as whoever wants to keep something commits."""

    def __init__(self, journal: Journal, url: str) -> None:
        self._journal = journal
        self._url = url
        self._table = sql.Identifier(f"{PREFIX}keepsake_{secrets.token_hex(4)}")
        self._token = secrets.token_hex(8)

    def leave(self) -> None:
        """Commit the row and wait for the disk."""
        try:
            with connect(self._url) as connection:
                connection.execute("SET synchronous_commit = on")
                connection.execute(sql.SQL("CREATE TABLE {} (token text)").format(self._table))
                connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(self._table), (self._token,))
        except psycopg.Error as error:
            raise CannotTell("our own row could not be left in the database", causes=(first_line(error),)) from error

    def demand(self) -> None:
        """Read the row back; CannotTell when it is gone, since then the server keeps nobody's rows."""
        try:
            with connect(self._url) as connection:
                rows = connection.execute(sql.SQL("SELECT token FROM {}").format(self._table)).fetchall()
        except psycopg.Error as error:
            raise CannotTell("our own row was lost too, or could not be read", causes=(first_line(error),)) from error
        if rows != [(self._token,)]:
            raise CannotTell("our own row was lost too")
        self._journal.find(INSTRUMENT, "our own row, committed before, is there", observed=True, examined=len(rows))


def demand_durable(url: str) -> None:
    """Go on when a server keeps what is committed; CannotTell when it has a setting under which it does not."""
    try:
        with connect(url) as connection:
            careless = [str(row[0]) for row in connection.execute(_WAITS, (_NEEDED,)).fetchall()]
    except psycopg.Error as error:
        raise CannotTell(
            "the database server of this run could not be asked how it keeps rows", causes=(first_line(error),)
        ) from error
    if careless:
        raise CannotTell(f"the database server of this run does not keep what is committed: {', '.join(careless)} off")
