"""Reads from PostgreSQL's own catalogue what a table is, on our own connection."""

from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import namedtuple_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `kind` is the type under any domain, `category` PostgreSQL's letter for its family.

    `automatic` says that the database fills it by itself: a default, an identity, a generated value;
    `always_generated` that it takes no other value.
    """

    name: str
    type: str
    kind: str
    category: str
    length: int | None
    nullable: bool
    automatic: bool
    always_generated: bool
    default: str | None
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """One foreign key; `on_delete` and `on_update` are the words of SQL."""

    name: str
    columns: tuple[str, ...]
    table: str
    remote: tuple[str, ...]
    on_delete: str
    on_update: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One CHECK constraint over some columns, as PostgreSQL writes it."""

    columns: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the catalogue holds of one table; `unique` includes the primary key, `indexes` are the others."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    unique: frozenset[tuple[str, ...]]
    checks: tuple[Check, ...]
    indexes: frozenset[str]

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)


def read(connection: Connection[Any], table: str) -> Table | None:
    """The table as it stands; None when the search path leads to none of that name."""
    if _rows(connection, "SELECT to_regclass(quote_ident(%(table)s)) AS id", table)[0].id is None:
        return None
    indexes = _rows(connection, _INDEXES, table)
    return Table(
        name=table,
        columns=tuple(Column(**row._asdict()) for row in _rows(connection, _COLUMNS, table)),
        key=next((tuple(row.columns) for row in indexes if row.primary), ()),
        foreign_keys=tuple(_foreign_key(row) for row in _rows(connection, _FOREIGN_KEYS, table)),
        unique=frozenset(tuple(sorted(row.columns)) for row in indexes if row.distinct),
        checks=tuple(
            Check(columns=tuple(row.columns), definition=row.text) for row in _rows(connection, _CHECKS, table)
        ),
        indexes=frozenset(row.text for row in indexes if not row.distinct),
    )


def extensions(connection: Connection[Any]) -> tuple[str, ...]:
    """The extensions that the database has."""
    return tuple(row[0] for row in connection.execute("SELECT extname FROM pg_extension ORDER BY extname"))


def _rows(connection: Connection[Any], query: LiteralString, table: str) -> list[Any]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, {"table": table}).fetchall()


def _foreign_key(row: Any) -> ForeignKey:
    return ForeignKey(
        name=row.name,
        columns=tuple(row.columns),
        table=row.remote_table,
        remote=tuple(row.remote),
        on_delete=_ACTIONS[row.on_delete],
        on_update=_ACTIONS[row.on_update],
    )


_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, b.typname AS kind, b.typcategory AS category,
       CASE WHEN b.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS length,
       NOT (a.attnotnull OR t.typnotnull) AS nullable,
       (a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '' OR t.typdefault IS NOT NULL) AS automatic,
       (a.attidentity = 'a' OR a.attgenerated <> '') AS always_generated,
       pg_get_expr(d.adbin, d.adrelid) AS default,
       (SELECT enumlabel FROM pg_enum WHERE enumtypid = b.oid ORDER BY enumsortorder LIMIT 1) AS label
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = COALESCE(NULLIF(t.typbasetype, 0), t.oid)
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass(quote_ident(%(table)s)) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_FOREIGN_KEYS = """
SELECT c.conname AS name, r.relname AS remote_table, c.confdeltype AS on_delete, c.confupdtype AS on_update,
       ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, i)
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, i)
             JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i) AS remote
FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid
WHERE c.contype = 'f' AND c.conrelid = to_regclass(quote_ident(%(table)s))
ORDER BY c.conname
"""

_CHECKS = """
SELECT pg_get_constraintdef(c.oid) AS text,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)) AS columns
FROM pg_constraint c
WHERE c.contype = 'c' AND c.conrelid = to_regclass(quote_ident(%(table)s))
ORDER BY c.conname
"""

# A partial unique index makes nothing unique by itself, so it counts among the others.
_INDEXES = """
SELECT x.indisprimary AS primary, x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL AS distinct,
       regexp_replace(pg_get_indexdef(x.indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON', '\\1on') AS text,
       ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(n, i)
             JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n ORDER BY k.i) AS columns
FROM pg_index x
WHERE x.indrelid = to_regclass(quote_ident(%(table)s))
"""
