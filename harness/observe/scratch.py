"""Puts a platform's own Python beside a database of ours that nobody else knows, for as long as it is needed."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from pydantic import TypeAdapter

from harness.errors import CannotTell, ConformError, PlatformMisbehaved
from harness.interpreter.client import Worker
from harness.services.databases import connect, settings
from harness.services.interface import DatabaseServer

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a platform's code is, which Python runs it in which environment, and the server for its databases."""

    python: str
    source: Path
    server: DatabaseServer
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A database of ours: the platform's worker that has it as DATABASE_URL, and our own connection to it."""

    name: str
    worker: Worker
    connection: Connection[Any]

    def ask(self, command: str, shape: TypeAdapter[T], *, deadline: float, **arguments: object) -> T:
        """Run a command of the worker; what it raises is the platform's only while our own server answers."""
        try:
            return self.worker.call(command, shape, deadline=deadline, **arguments)
        except PlatformMisbehaved as refusal:
            try:
                self.connection.execute("SELECT 1")
            except psycopg.Error as silence:
                said = "our own database server is gone, so nothing follows from what the platform raised"
                raise CannotTell(said, causes=(refusal.message,), hint="Run `conform doctor`.") from silence
            raise


@contextmanager
def database(ground: Ground, label: str, *, keep: bool = False) -> Generator[Scratch]:
    """Make an empty database with a worker on it; afterwards the worker goes, and the database unless it is kept."""
    name = ground.server.create_database(label)
    url = ground.server.url(name)
    try:
        with (
            connect(url) as connection,
            Worker(ground.python, ground.source, env={**ground.env, **settings(url)}) as worker,
        ):
            yield Scratch(name=name, worker=worker, connection=connection)
    except BaseException:
        # What ended the check says more than a server that cannot even drop its database.
        with suppress(ConformError):
            _drop(ground, name, keep=keep)
        raise
    _drop(ground, name, keep=keep)


def _drop(ground: Ground, name: str, *, keep: bool) -> None:
    if not keep:
        ground.server.drop_database(name)
