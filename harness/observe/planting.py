"""Plants rows by our own SQL, so that what a check looks at does not depend on the platform's word.

Whatever the table demands and nobody gave is filled from PostgreSQL's catalogue, and what the database always
generates is left to it; parents are planted first, one row per table and planting, so that everything planted together
belongs together.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from harness.errors import CannotTell
from harness.observe import tables
from harness.observe.tables import Check, Column, Table
from harness.redaction import first_line

Values = Mapping[str, object]
Preferred = Mapping[str, Values]
NONE_PREFERRED: Final[Preferred] = {}
_DRAWS: Final = 100
_HINT: Final = "name better values for its columns in `planting` of the target's driver"


def plant(
    connection: Connection[Any], table: str, values: Values | None = None, *, preferred: Preferred = NONE_PREFERRED
) -> object:
    """Plant one row with these values and all that it needs; returns its primary key.

    `preferred` holds, per table, values that a target's driver knows to be better than made-up ones. Raises
    CannotTell with the table and the reason when the database refuses, or when the table cannot be filled.
    """
    planting = _Planting(connection, preferred)
    row = planting.row(table, values or {}, ())
    return row[planting.table(table).key[0]] if planting.table(table).key else None


def completed(
    connection: Connection[Any], table: str, values: Values, *, preferred: Preferred = NONE_PREFERRED
) -> Values:
    """These values with everything else that the table demands; the parents of what was added are planted.

    A value given for a column that the database always generates is left out: it would be refused.
    """
    return _Planting(connection, preferred).complete(table, values, ())


def parents(connection: Connection[Any], table: Table, *, preferred: Preferred = NONE_PREFERRED) -> Values:
    """Plant a parent for every foreign key of the table, also for those that may be empty; returns the keys."""
    planting = _Planting(connection, preferred)
    return {
        own: planting.parent(key.table, (table.name,))[remote]
        for key in table.foreign_keys
        if key.table != table.name
        for own, remote in zip(key.columns, key.remote, strict=True)
    }


def inserted(connection: Connection[Any], table: str, values: Values) -> Mapping[str, Any]:
    """Insert one row as it is given and return it as stored; raises CannotTell when the database refuses."""
    try:
        return insert(connection, table, values)
    except psycopg.Error as error:
        raise CannotTell(f"no row can be planted in {table}: {first_line(error)}", hint=_HINT) from error


def insert(connection: Connection[Any], table: str, values: Values) -> Mapping[str, Any]:
    """Insert one row as it is given and return it as stored; raises what psycopg raises."""
    if values:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING *").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        )
    else:
        statement = sql.SQL("INSERT INTO {} DEFAULT VALUES RETURNING *").format(sql.Identifier(table))
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, list(values.values())).fetchone()
    if row is None:
        raise CannotTell(f"no row can be planted in {table}: the insert returned none")
    return row


def unknown(column: Column) -> object:
    """A key of the column's type that no row has."""
    if column.category == "N":
        return _number(column, alone=True)
    return uuid4() if column.kind == "uuid" else _token()[: column.length]


class _Planting:
    """One planting: at most one parent row per table, which all its children share."""

    def __init__(self, connection: Connection[Any], preferred: Preferred) -> None:
        self._connection = connection
        self._preferred = preferred
        self._tables: dict[str, Table] = {}
        self._parents: dict[str, Mapping[str, Any]] = {}

    def table(self, name: str) -> Table:
        if name not in self._tables:
            found = tables.read(self._connection, name)
            if found is None:
                raise CannotTell(f"no row can be planted in {name}: there is no such table")
            self._tables[name] = found
        return self._tables[name]

    def row(self, table: str, values: Values, path: tuple[str, ...]) -> Mapping[str, Any]:
        return inserted(self._connection, table, self.complete(table, values, path))

    def complete(self, name: str, values: Values, path: tuple[str, ...]) -> Values:
        """Given values first, then preferred ones, parents' keys, and made-up ones for the rest."""
        if name in path:
            way = " → ".join((*path, name))
            raise CannotTell(f"no row can be planted in {name}: it needs itself by way of {way}", hint=_HINT)
        table = self.table(name)
        known = _taken(table, {**_fitting(table, self._preferred.get(name, {})), **values})
        known |= self._references(table, known, (*path, name))
        made = {column.name: self._made(column, table) for column in _demanded(table, known)}
        return {column: _adapted(table.column(column), value) for column, value in (known | made).items()}

    def _made(self, column: Column, table: Table) -> object:
        """A made-up value, drawn again while a row has it where it must be unique: short columns collide soon.

        After so many draws the database may say by itself what is wrong.
        """
        value = _made_up(column, table)
        if (column.name,) in table.unique:
            for _ in range(_DRAWS):
                if not self._stored(table, column, value):
                    break
                value = _made_up(column, table)
        return value

    def _stored(self, table: Table, column: Column, value: object) -> bool:
        query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(
            sql.Identifier(table.name), sql.Identifier(column.name)
        )
        adapted = _adapted(column, value)
        return self._connection.execute(query, [adapted]).fetchone() is not None

    def _references(self, table: Table, known: Values, path: tuple[str, ...]) -> dict[str, object]:
        demanded = {column.name for column in _demanded(table, known)}
        found: dict[str, object] = {}
        for key in table.foreign_keys:
            if demanded.intersection(key.columns):
                parent = self.parent(key.table, path)
                found |= {own: parent[remote] for own, remote in zip(key.columns, key.remote, strict=True)}
        return {column: value for column, value in found.items() if column in demanded}

    def parent(self, table: str, path: tuple[str, ...]) -> Mapping[str, Any]:
        if table not in self._parents:
            self._parents[table] = self.row(table, {}, path)
        return self._parents[table]


def _taken(table: Table, values: Values) -> dict[str, object]:
    """Those of the values that the table takes."""
    generated = {column.name for column in table.columns if column.always_generated}
    return {column: value for column, value in values.items() if column not in generated}


def _fitting(table: Table, preferred: Values) -> Values:
    """Those of the preferred values that the table's CHECK constraints allow: another revision may name others."""
    return {
        name: value
        for name, value in preferred.items()
        if (column := table.column(name)) is None
        or not (literals := _literals(column, table.checks))
        or str(value) in literals
    }


def _demanded(table: Table, known: Values) -> tuple[Column, ...]:
    """The columns that must have a value and have none yet."""
    missing = (column for column in table.columns if column.name not in known)
    return tuple(column for column in missing if not column.nullable and not column.automatic)


def _made_up(column: Column, table: Table) -> object:
    """A value of the column's type that its CHECK constraints allow, new where it must be."""
    allowed = _allowed(column, table.checks)
    if allowed is not None:
        return allowed
    if column.label is not None:
        return column.label
    if column.category == "A":
        return "{}"
    if column.category == "S":
        return _token()[: column.length]
    if column.category == "N":
        return _number(column, alone=(column.name,) in table.unique)
    if column.kind in _MAKERS:
        return _MAKERS[column.kind]()
    raise CannotTell(f"no row can be planted in {table.name}: nobody knows a value of type {column.type}", hint=_HINT)


def _allowed(column: Column, checks: tuple[Check, ...]) -> str | None:
    """The first literal that a CHECK on this column alone compares it with."""
    for check in checks:
        found = _LITERAL.search(check.definition) if check.columns == (column.name,) else None
        if found:
            return (found["text"] or found["number"]).replace("''", "'")
    return None


def _literals(column: Column, checks: tuple[Check, ...]) -> frozenset[str]:
    """Every text that a CHECK on this column alone compares it with; empty when there is no such list."""
    listing = (one for one in checks if one.columns == (column.name,) and _LITERAL.search(one.definition))
    texts = (_TEXT.findall(check.definition) for check in listing)
    return frozenset(text.replace("''", "'") for found in texts for text in found)


def _token() -> str:
    # Random first, so that a short column keeps what makes it unique.
    return f"{uuid4().hex[:12]}-conform"


def _number(column: Column, *, alone: bool) -> int:
    highest = 0x7FFF if column.kind == "int2" else 0x7FFFFFFF
    return uuid4().int % highest + 1 if alone else 1


def _adapted(column: Column | None, value: object) -> object:
    """The value as psycopg must be given it: text columns take text only, documents are marked as such."""
    if column is None or value is None:
        return value
    if column.kind in ("json", "jsonb") and not isinstance(value, str):
        return Jsonb(value)
    return str(value) if column.category == "S" else value


def _now() -> datetime:
    return datetime.now(UTC)


# `status = ANY (ARRAY['draft'::text, …])` and `status = 'draft'::text`, as pg_get_constraintdef writes them.
_LITERAL: Final = re.compile(r"= (?:ANY \(+ARRAY\[\(*)?(?:'(?P<text>(?:[^']|'')*)'::|\(*(?P<number>-?\d+(?:\.\d+)?)\b)")
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'::")
_MAKERS: Final[Mapping[str, Callable[[], object]]] = {
    "bool": lambda: False,
    "bytea": lambda: b"",
    "date": lambda: _now().date(),
    "inet": lambda: "127.0.0.1",
    "interval": lambda: "0",
    "json": lambda: "{}",
    "jsonb": lambda: "{}",
    "time": lambda: "00:00",
    "timetz": lambda: "00:00Z",
    "timestamp": _now,
    "timestamptz": _now,
    "uuid": uuid4,
}
