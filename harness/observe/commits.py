"""Watches how costs are committed: has commits take a moment, and notes whether their sessions wait for the disk."""

import secrets
from typing import Final, LiteralString, Self

import psycopg
from psycopg import sql

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe.cost_records import TABLE
from harness.redaction import first_line
from harness.services.databases import connect
from harness.services.interface import PREFIX

INSTRUMENT: Final = "commits"
CARELESS: Final = "off"

_NOTES: Final = "CREATE TABLE {name} (task text, setting text)"
# A deferred trigger is run by the committing session itself, as the last thing before its commit.
_NOTE: Final = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_sleep({seconds});
  INSERT INTO {name} VALUES (NEW.task_id::text, current_setting('synchronous_commit'));
  RETURN NULL;
END $$
"""
_TRIGGER: Final = """
CREATE CONSTRAINT TRIGGER {trigger} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION {name}()
"""
_CLEAR: Final = "DROP FUNCTION IF EXISTS {name} CASCADE"
_CLEAR_NOTES: Final = "DROP TABLE IF EXISTS {name}"
_READ: Final = "SELECT setting FROM {name}"


class Commits:
    """Watches the commits of all costs in a database of ours; use it in a `with`."""

    def __init__(self, journal: Journal, url: str) -> None:
        self._journal = journal
        self._url = url
        name = f"{PREFIX}commits_{secrets.token_hex(4)}"
        # In full, since the sessions that are watched may look for names elsewhere.
        self._names = {"name": sql.Identifier("public", name), "trigger": sql.Identifier(name)}

    def watch(self, *, seconds: float = 0.0) -> None:
        """From now on a commit with a cost takes so many seconds more, and is noted."""
        for statement in (_NOTES, _NOTE, _TRIGGER):
            self._run(statement, seconds=seconds)

    def careless(self) -> int:
        """How many of the costs that were committed did not wait for the disk; the reading counts all of them."""
        settings = [str(row[0]) for row in self._run(_READ)]
        careless = sum(setting == CARELESS for setting in settings)
        claim = "costs committed by sessions that do not wait for the disk"
        self._journal.note(INSTRUMENT, claim, expected=0, observed=careless, examined=len(settings))
        return careless

    def close(self) -> None:
        """Leave the database as it was."""
        for statement in (_CLEAR, _CLEAR_NOTES):
            self._run(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, statement: LiteralString, *, seconds: float = 0.0) -> list[tuple[object, ...]]:
        parts = {**self._names, "table": sql.Identifier(TABLE), "seconds": sql.Literal(seconds)}
        try:
            with connect(self._url) as connection:
                cursor = connection.execute(sql.SQL(statement).format(**parts))
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise CannotTell(
                "our own connection could not watch how costs are committed", causes=(first_line(error),)
            ) from error
