"""Lets the database refuse a cost at the very end, when its transaction commits, as a failing disk would."""

import secrets
from typing import Final

import psycopg
from psycopg import sql

from harness.errors import CannotTell
from harness.observe.cost_records import TABLE
from harness.redaction import redact
from harness.services.databases import connect
from harness.services.interface import PREFIX

_REFUSE: Final = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the harness refuses this row at its commit'; END $$
"""
_TRIGGER: Final = """
CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.model = {model}) EXECUTE FUNCTION {name}()
"""


class Veto:
    """Refuses every cost of one model in a database of ours, until it is withdrawn."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._name = sql.Identifier(f"{PREFIX}veto_{secrets.token_hex(4)}")

    def against(self, model: str) -> None:
        """Refuse costs of a model from now on; all other rows pass."""
        parts = {"name": self._name, "table": sql.Identifier(TABLE), "model": sql.Literal(model)}
        self._run(sql.SQL(_REFUSE).format(name=self._name), sql.SQL(_TRIGGER).format(**parts))

    def withdraw(self) -> None:
        """Let everything pass again."""
        self._run(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(self._name))

    def _run(self, *statements: sql.Composed) -> None:
        try:
            with connect(self._url) as connection, connection.transaction():
                for statement in statements:
                    connection.execute(statement)
        except psycopg.Error as error:
            cause = redact(str(error)).strip().splitlines()[0]
            raise CannotTell(
                "our own connection could not tell the database what to refuse", causes=(cause,)
            ) from error
