"""Puts a platform's own Python beside a database of ours that nobody else knows, for as long as it is needed."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from harness.interpreter.client import Worker
from harness.services.databases import connect
from harness.services.interface import DatabaseServer


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


@contextmanager
def database(ground: Ground, label: str, *, keep: bool = False) -> Generator[Scratch]:
    """Make an empty database with a worker on it; afterwards the worker goes, and the database unless it is kept."""
    name = ground.server.create_database(label)
    url = ground.server.url(name)
    try:
        with (
            connect(url) as connection,
            Worker(ground.python, ground.source, env={**ground.env, "DATABASE_URL": url}) as worker,
        ):
            yield Scratch(name=name, worker=worker, connection=connection)
    finally:
        if not keep:
            ground.server.drop_database(name)
