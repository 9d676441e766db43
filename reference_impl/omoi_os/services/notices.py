"""Notices: what the database calls out to whoever listens, across all instances."""

from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from omoi_os.services.database import DatabaseService


class Notices:
    """A connection of its own that hears the database's notifications on some channels."""

    def __init__(self, db: DatabaseService, channels: frozenset[str]) -> None:
        """Connect and listen; raises psycopg.Error when the database is away."""
        address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(address, autocommit=True)
        for channel in channels:
            self._connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

    def heard(self, seconds: float) -> frozenset[tuple[str, str]]:
        """Wait for the next notice, that long at most; gives its channel and words, and those of others beside it."""
        notices = self._connection.notifies(timeout=seconds, stop_after=1)
        return frozenset((notice.channel, notice.payload) for notice in notices)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
