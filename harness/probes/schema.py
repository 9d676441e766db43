"""Reads from PostgreSQL's catalogue whether the migrated `cost_records` is the table that §5.2 describes.

A column that is missing, of an incompatible type or nullable against §5.2 is a violation; another key type, a
stricter column and an extra one are differences, which are shown and judge nothing.
"""

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql
from pydantic import TypeAdapter

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe import cost_records, drift, planting, scratch, tables
from harness.observe.cost_records import OWNERS, TABLE
from harness.observe.drift import Drift
from harness.observe.planting import NONE_PREFERRED, Preferred
from harness.observe.scratch import Ground, Scratch
from harness.observe.tables import Column, ForeignKey, Table

CREATE_DEADLINE: Final = 60.0
_KEYS: Final = ("character varying", ("varchar", "text", "bpchar", "uuid", "int2", "int4", "int8"))
_TEXT: Final = ("character varying", ("varchar", "text"))
_COUNT: Final = ("integer", ("int4", "int8"))
_MONEY: Final = ("double precision", ("float8", "numeric"))
# Name, type as §5.2 writes it and the compatible ones, whether NULL is allowed.
_DOCUMENT: Final = (
    ("id", ("integer", _KEYS[1]), False),
    ("task_id", _KEYS, True),
    ("agent_id", _KEYS, True),
    ("provider", _TEXT, False),
    ("model", _TEXT, False),
    ("prompt_tokens", _COUNT, False),
    ("completion_tokens", _COUNT, False),
    ("total_tokens", _COUNT, False),
    ("prompt_cost", _MONEY, False),
    ("completion_cost", _MONEY, False),
    ("total_cost", _MONEY, False),
    ("recorded_at", ("timestamp with time zone", ("timestamptz",)), False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns beside §5.2: what violates it, and what merely differs."""

    violations: tuple[str, ...]
    differences: tuple[str, ...]
    examined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An insert that names an unknown owner: the database's SQLSTATE (None when it took it), and the rows left."""

    column: str
    code: str | None
    stored: int

    @property
    def by_foreign_key(self) -> bool:
        """Whether the foreign key refused it and nothing was stored."""
        return self.code == psycopg.errors.ForeignKeyViolation.sqlstate and self.stored == 0


class Schema:
    """The instrument of REQ-BILL-002.2 and .3, on a database that the platform's migrations made."""

    def __init__(
        self, journal: Journal, ground: Ground, place: Scratch, *, preferred: Preferred = NONE_PREFERRED
    ) -> None:
        self._journal = journal
        self._ground = ground
        self._place = place
        self._preferred = preferred

    def columns(self) -> Columns:
        """The columns of the migrated table beside §5.2; differences become findings."""
        found = measure_columns(self._place)
        claim = f"{TABLE} has the columns of §5.2"
        self._journal.note("schema", claim, expected=(), observed=found.violations, examined=found.examined)
        self._find("differences from §5.2", found.differences, found.examined)
        return found

    def drift(self) -> Drift:
        """Where the migrated table and the models' own differ; indexes and defaults become findings."""
        found = measure_drift(self._ground, self._place)
        claim = "the model and the migrated table agree"
        self._journal.note("schema", claim, expected=(), observed=found.violations, examined=found.examined)
        self._find("indexes, checks and defaults of model and table", found.differences, found.examined)
        return found

    def foreign_key(self, column: str) -> ForeignKey | None:
        """The foreign key on this column alone, if the catalogue holds one."""
        keys = migrated_table(self._place).foreign_keys
        found = next((key for key in keys if key.columns == (column,)), None)
        observed = "none" if found is None else f"{column} → {found.table}.{','.join(found.remote)} {found.on_delete}"
        expected = f"{column} → {OWNERS[column]}.id"
        self._journal.note("schema", f"{column} has a foreign key", expected=expected, observed=observed, examined=1)
        return found

    def refusal(self, column: str) -> Refusal:
        """What the database does with an unknown owner in this column, beside a known one that it takes."""
        found = measure_refusal(self._place, column, preferred=self._preferred)
        self._journal.note(
            "schema",
            f"the database refuses an unknown {column}",
            expected=psycopg.errors.ForeignKeyViolation.sqlstate,
            observed=f"{found.code or 'taken'}, {found.stored} stored",
            examined=2,
        )
        return found

    def _find(self, claim: str, lines: tuple[str, ...], examined: int) -> None:
        if lines:
            self._journal.find("schema", claim, observed=lines, examined=examined)


def migrated_table(place: Scratch) -> Table:
    """The table that the migrations made; raises PlatformMisbehaved when they made none."""
    table = tables.read(place.connection, TABLE)
    if table is None:
        raise PlatformMisbehaved(f"the migrations create no table {TABLE}", operation="migrate")
    return table


def measure_columns(place: Scratch) -> Columns:
    """Compare the migrated table with §5.2, column by column."""
    table = migrated_table(place)
    violations: list[str] = []
    differences: list[str] = []
    for name, (stated, compatible), nullable in _DOCUMENT:
        column = table.column(name)
        if column is None:
            violations.append(f"{TABLE}.{name} is missing")
            continue
        (differences if column.kind in compatible else violations).extend(_type_line(column, stated))
        (differences if nullable else violations).extend(_null_line(column, nullable=nullable))
    if table.column("id") and table.key != ("id",):
        violations.append(f"{TABLE}.id is not the primary key")
    named = {name for name, _, _ in _DOCUMENT}
    differences.extend(f"{TABLE}.{column.name} is extra" for column in table.columns if column.name not in named)
    return Columns(violations=tuple(violations), differences=tuple(differences), examined=len(_DOCUMENT))


def _type_line(column: Column, stated: str) -> tuple[str, ...]:
    return () if column.type == stated else (f"{TABLE}.{column.name} is {column.type}, §5.2 says {stated}",)


def _null_line(column: Column, *, nullable: bool) -> tuple[str, ...]:
    words = ("NOT NULL", "nullable")
    if column.nullable == nullable:
        return ()
    return (f"{TABLE}.{column.name} is {words[column.nullable]}, §5.2 says {words[nullable]}",)


def measure_drift(ground: Ground, place: Scratch) -> Drift:
    """Compare the migrated table with the one that the models create by themselves on a second database."""
    table = migrated_table(place)
    with scratch.database(ground, "models") as other:
        for extension in tables.extensions(place.connection):
            other.connection.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE").format(sql.Identifier(extension))
            )
        other.ask("orm.create_table", TypeAdapter(tuple[str, ...]), deadline=CREATE_DEADLINE)
        return drift.between(table, tables.read(other.connection, TABLE))


def measure_refusal(place: Scratch, column: str, *, preferred: Preferred = NONE_PREFERRED) -> Refusal:
    """Insert a cost of a known owner, which must go in, and the same of an unknown one; the first is taken out again.

    Raises CannotTell when the cost of the known owner is refused too.
    """
    table = migrated_table(place)
    known = table.column(column)
    if known is None:
        raise PlatformMisbehaved(f"{TABLE} has no column {column}", operation="migrate")
    given = {**_amounts(table, preferred), **_owners(place, table, preferred)}
    values = planting.completed(place.connection, TABLE, given, preferred=preferred)
    with place.connection.transaction(force_rollback=True):
        planting.inserted(place.connection, TABLE, values)
    unknown = planting.unknown(known)
    try:
        planting.insert(place.connection, TABLE, {**values, column: unknown})
        code = None
    except psycopg.Error as error:
        code = error.sqlstate
    return Refusal(column=column, code=code, stored=_taken_out(place, column, unknown))


def _amounts(table: Table, preferred: Preferred) -> dict[str, object]:
    """Amounts that agree with one another, since a CHECK may say so; what a driver prefers it knows better."""
    known = preferred.get(TABLE, {})
    amounts = cost_records.amounts(0)
    return {name: value for name, value in amounts.items() if table.column(name) and name not in known}


def _owners(place: Scratch, table: Table, preferred: Preferred) -> dict[str, object]:
    """A planted task and agent, also where no foreign key asks for them."""
    owned = dict(planting.parents(place.connection, table, preferred=preferred))
    for column, owner in OWNERS.items():
        if column not in owned and table.column(column):
            owned[column] = planting.plant(place.connection, owner, preferred=preferred)
    return owned


def _taken_out(place: Scratch, column: str, value: object) -> int:
    """Delete the rows that should never have been stored; returns how many there were."""
    statement = sql.SQL("DELETE FROM {} WHERE {}::text = %s").format(sql.Identifier(TABLE), sql.Identifier(column))
    cursor: psycopg.Cursor[Any] = place.connection.execute(statement, [str(value)])
    return cursor.rowcount
