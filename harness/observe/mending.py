"""Migrates a database of ours, and mends it, so that one defect of a platform does not hide what else there is."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

import psycopg

from harness.errors import CannotTell
from harness.model import Repair
from harness.observe import history, scratch
from harness.observe.scratch import Ground, Scratch
from harness.redaction import first_line


@contextmanager
def migrated(ground: Ground, repairs: Collection[Repair] = ()) -> Generator[Scratch]:
    """An empty database of ours on which the platform's migrations went to their end."""
    with scratch.database(ground, "migrated") as place:
        migrate(place, repairs)
        yield place


def migrate(place: Scratch, repairs: Collection[Repair]) -> None:
    """Take the platform's migrations to their end, and mend what they leave.

    CannotTell when the platform's schema is another than a repair was made for.
    """
    history.upgrade(place, "heads" if any(repair.to_heads for repair in repairs) else "head")
    for repair in repairs:
        for statement in repair.statements:
            try:
                place.connection.execute(statement.encode())
            except psycopg.Error as error:
                raise CannotTell(f"the repair “{repair.name}” does not fit: {first_line(error)}") from error
