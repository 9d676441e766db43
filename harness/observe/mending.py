"""Migrates a database of ours, and mends it, so that one defect of a platform does not hide what else there is."""

from collections.abc import Collection, Generator
from contextlib import contextmanager

import psycopg

from harness.errors import CannotTell, PlatformMisbehaved, Unfurnished
from harness.model import Repair
from harness.observe import history, scratch
from harness.observe.history import Climb
from harness.observe.scratch import Ground, Scratch
from harness.redaction import first_line
from harness.shortcoming import WAYS, Taken


@contextmanager
def migrated(ground: Ground, repairs: Collection[Repair] = ()) -> Generator[Scratch]:
    """An empty database of ours on which the platform's migrations went to their end."""
    with scratch.database(ground, "migrated") as place:
        migrate(place, repairs)
        yield place


def furnish(place: Scratch, repairs: Collection[Repair]) -> Climb | None:
    """Migrate a database for the platform to start on; Unfurnished when its migrations do not get there."""
    try:
        return migrate(place, repairs)
    except PlatformMisbehaved as refusal:
        raise Unfurnished(str(refusal)) from refusal


def migrate(place: Scratch, repairs: Collection[Repair]) -> Climb | None:
    """Take the platform's migrations to their end and mend what they leave; the way up, if a repair had to find one.

    CannotTell when the platform's schema is another than a repair was made for.
    """
    ways: tuple[Taken, ...] = ("head", *(repair.taken for repair in repairs))
    climb = _taken(place, max(ways, key=WAYS.index))
    for repair in repairs:
        for statement in repair.statements:
            try:
                place.connection.execute(statement.encode())
            except psycopg.Error as error:
                raise CannotTell(f"the repair “{repair.name}” does not fit: {first_line(error)}") from error
    return climb


def _taken(place: Scratch, way: Taken) -> Climb | None:
    if way == "one by one":
        return history.salvage(place)
    history.upgrade(place, way)
    return None
