"""Holds a platform's transactions up at their first write, so that those which run at once truly meet.

Reading and row locks go on, so a platform that locks what it decides on is not hindered: its transactions queue up
and are let go one after another. One that only reads before it writes has read too early, every time.
"""

import time
from collections.abc import Collection, Generator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import sql

from harness.errors import CannotTell
from harness.journal import Journal
from harness.redaction import first_line
from harness.services.databases import connect

INSTRUMENT: Final = "standstill"
LONGEST_SECONDS: Final = 1.5
QUIET_SECONDS: Final = 0.2
LOOK_SECONDS: Final = 0.01
ATTEMPTS: Final = 20

_TABLES: Final = (
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
)
_WAITING: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Standstill:
    """Stops every writing transaction in one database of ours, for a moment."""

    def __init__(self, journal: Journal, url: str) -> None:
        self._journal = journal
        self._url = url

    @contextmanager
    def held(self, *, passing: Collection[str] = ()) -> Generator[None]:
        """Nothing is written until the body is over and those who want to write stand in line.

        Tables of a name in `passing` may be written to meanwhile.
        """
        try:
            with connect(self._url) as holder, connect(self._url) as watcher:
                _hold(holder, passing)
                yield
                waiting = _lined_up(watcher)
        except psycopg.Error as error:
            raise CannotTell(
                "our own connections could not hold the platform's writes up", causes=(first_line(error),)
            ) from error
        self._journal.note(INSTRUMENT, "transactions that met at their first write", observed=waiting, examined=waiting)


def _hold(holder: psycopg.Connection, passing: Collection[str]) -> None:
    """Lock tables against writing; giving up early and often, so that nobody else ends in a deadlock."""
    found = holder.execute(_TABLES).fetchall()
    tables = [sql.Identifier(schema, name) for schema, name in found if name not in passing]
    for _ in range(ATTEMPTS):
        holder.execute("BEGIN")
        try:
            holder.execute("SET LOCAL lock_timeout = '200ms'")
            holder.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.SQL(", ").join(tables)))
        except psycopg.errors.LockNotAvailable:
            holder.execute("ROLLBACK")
        else:
            return
    raise CannotTell("the platform never stops writing, so its transactions cannot be lined up")


def _lined_up(watcher: psycopg.Connection) -> int:
    """How many wait, once nobody has joined them for a while."""
    until = time.monotonic() + LONGEST_SECONDS
    waiting, since = 0, time.monotonic()
    while time.monotonic() < min(until, since + QUIET_SECONDS) or (waiting < 2 and time.monotonic() < until):
        row = watcher.execute(_WAITING).fetchone()
        now = row[0] if row else 0
        if now != waiting:
            waiting, since = now, time.monotonic()
        time.sleep(LOOK_SECONDS)
    return waiting
