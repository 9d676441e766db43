"""Lets the database refuse a cost: at once, or at the end when its transaction commits, as a failing disk would."""

import secrets
from typing import Final, Literal

import psycopg
from psycopg import sql

from harness.errors import CannotTell
from harness.observe.cost_records import TABLE
from harness.redaction import first_line
from harness.services.databases import connect
from harness.services.interface import PREFIX

Moment = Literal["at once", "at its commit"]

_REFUSE: Final = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the harness refuses this row'; END $$
"""
_AT_ONCE: Final = """
CREATE TRIGGER {name} BEFORE INSERT ON {table}
FOR EACH ROW WHEN ({which}) EXECUTE FUNCTION {name}()
"""
_AT_COMMIT: Final = """
CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN ({which}) EXECUTE FUNCTION {name}()
"""
_OF_MODEL: Final = "NEW.model = {value}"
_OF_TASK: Final = "replace(NEW.task_id::text, '-', '') = replace({value}, '-', '')"


class Veto:
    """Refuses every cost of one model or task in a database of ours, until it is withdrawn."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = sql.Identifier(f"{PREFIX}veto_{secrets.token_hex(4)}")

    def against(self, model: str, *, moment: Moment = "at its commit") -> None:
        """Refuse costs of a model from now on; all other rows pass."""
        self._refuse(sql.SQL(_OF_MODEL).format(value=sql.Literal(model)), moment)

    def against_task(self, task: str, *, moment: Moment = "at its commit") -> None:
        """Refuse costs of a task from now on; all other rows pass."""
        self._refuse(sql.SQL(_OF_TASK).format(value=sql.Literal(task)), moment)

    def withdraw(self) -> None:
        """Let everything pass again."""
        self._run(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(self._name))

    def _refuse(self, which: sql.Composed, moment: Moment) -> None:
        trigger = sql.SQL(_AT_ONCE if moment == "at once" else _AT_COMMIT)
        parts = {"name": self._name, "table": sql.Identifier(TABLE), "which": which}
        self._run(sql.SQL(_REFUSE).format(name=self._name), trigger.format(**parts))

    def _run(self, *statements: sql.Composed) -> None:
        try:
            with connect(self._url) as connection, connection.transaction():
                for statement in statements:
                    connection.execute(statement)
        except psycopg.Error as error:
            raise CannotTell(
                "our own connection could not tell the database what to refuse", causes=(first_line(error),)
            ) from error
