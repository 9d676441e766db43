"""Makes thousands of rows out of one by our own SQL: whatever else the platform wrote into that row, all of them hold.

Only what must be unique is new in each copy: keys that the database does not make by itself, and whatever else no two
rows may share.
"""

from collections.abc import Iterator

import psycopg
from psycopg import Connection, sql

from harness.errors import CannotTell
from harness.observe import tables
from harness.observe.tables import Column, Table
from harness.redaction import first_line


def multiply(connection: Connection, table: str, key: object, number: int) -> None:
    """Add so many copies of the row with this key, and have the planner know of them; CannotTell when refused."""
    known = tables.read(connection, table)
    if known is None or len(known.key) != 1:
        raise CannotTell(f"no row of {table} can be copied: there is no such table with a key of one column")
    try:
        connection.execute(_statement(known), {"key": str(key), "number": number})
        # As the server would by itself within a minute, but not while something is measured.
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    except psycopg.Error as error:
        raise CannotTell(f"rows of {table} cannot be copied: {first_line(error)}") from error


def _statement(table: Table) -> sql.Composed:
    fresh = set(_fresh(table))
    kept = [one for one in table.columns if not one.always_generated and not (one.name in fresh and one.automatic)]
    values = (_new(table, one) if one.name in fresh else _same(one) for one in kept)
    return sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS row, generate_series(1, %(number)s) AS copy "
        "WHERE row.{key}::text = %(key)s"
    ).format(
        table=sql.Identifier(table.name),
        columns=sql.SQL(", ").join(sql.Identifier(one.name) for one in kept),
        values=sql.SQL(", ").join(values),
        key=sql.Identifier(table.key[0]),
    )


def _fresh(table: Table) -> Iterator[str]:
    """The columns that are new in each copy: of everything unique the one that names nothing elsewhere."""
    owners = {column for key in table.foreign_keys for column in key.columns}
    for columns in table.unique:
        free = [column for column in columns if column not in owners]
        if not free:
            raise CannotTell(f"rows of {table.name} cannot be copied: {', '.join(columns)} may be there only once")
        yield free[0]


def _same(column: Column) -> sql.Composable:
    return sql.SQL("row.{}").format(sql.Identifier(column.name))


def _new(table: Table, column: Column) -> sql.Composable:
    name = sql.Identifier(column.name)
    if column.kind == "uuid":
        return sql.SQL("gen_random_uuid()")
    if column.category == "N":
        return sql.SQL("(SELECT max({}) FROM {}) + copy").format(name, sql.Identifier(table.name))
    if column.category == "S":
        text = sql.SQL("replace(gen_random_uuid()::text, '-', '')")
        return text if column.length is None else sql.SQL("left({}, {})").format(text, sql.Literal(column.length))
    raise CannotTell(f"rows of {table.name} cannot be copied: nobody knows a new {column.type}")
