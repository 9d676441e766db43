"""Mends a migrated database of ours, so that one defect of a platform no longer hides what else there is to be seen."""

from collections.abc import Iterable

import psycopg

from harness.errors import CannotTell
from harness.model import Repair
from harness.observe.scratch import Scratch
from harness.redaction import first_line


def mend(place: Scratch, repairs: Iterable[Repair]) -> None:
    """Run the statements of every repair; CannotTell when the platform's schema is another than they were made for."""
    for repair in repairs:
        for statement in repair.statements:
            try:
                place.connection.execute(statement.encode())
            except psycopg.Error as error:
                raise CannotTell(f"the repair “{repair.name}” does not fit: {first_line(error)}") from error
