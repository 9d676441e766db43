"""Compares two schemas object by object, as `pg_dump` writes them, whatever the order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

VERSION_TABLE: Final = "alembic_version"

_HEADER: Final = re.compile(r"^-- Name: (?P<name>.*); Type: (?P<kind>.*); Schema: (?P<schema>.*); Owner: .*$")
# Settings of the session that reads the dump back, and its comments, belong to no object.
_CHATTER: Final = re.compile(r"^(--|\\|SET (default_|\w+ =)|SELECT pg_catalog\.set_config)")
# PostgreSQL 18 names NOT NULL constraints after the table and column that they were made for.
_NAMED_NOT_NULL: Final = re.compile(r"CONSTRAINT (\"[^\"]+\"|\S+) NOT NULL")
_NAME: Final = r"(?:\"(?:[^\"]|\"\")+\"|\w+)"
_COLUMN: Final = re.compile(rf"^(?!CONSTRAINT\b)(?P<name>{_NAME}) (?P<type>.+)$", re.DOTALL)
_PARAMETER: Final = re.compile(r"([\w.]+)='([^']*)'")
_ALTERATION: Final = re.compile(rf"^ALTER TABLE (?:ONLY )?{_NAME}(?:\.{_NAME})? (?P<words>.+)$", re.DOTALL)
_OF_COLUMN: Final = re.compile(rf"^ALTER COLUMN (?P<name>{_NAME}) SET (?:(?P<what>\w+) )?(?P<value>.+)$", re.DOTALL)
_IDENTITY: Final = "REPLICA IDENTITY "


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Item:
    """What one thing in a schema is called: `kind` in lower case, `name` with its table where it has one."""

    kind: str
    name: str

    def __str__(self) -> str:
        """As a reader names it."""
        return f"{self.kind} {self.name}"


Schema = Mapping[Item, str]


def read(text: str) -> Schema:
    """Every object of a dump with its statements; columns, constraints and settings of a table are own objects."""
    found: dict[Item, str] = {}
    for item, body in _sections(text):
        if not re.match(rf"{VERSION_TABLE}\b", item.name):
            found[item] = found.get(item, "") + body
            found.update(_parts(item, body))
    return found


def differences(expected: Schema, seen: Schema, *, extra: str = "remains") -> tuple[str, ...]:
    """One line per object that is missing, is there too much, or reads otherwise."""
    lines: list[str] = []
    for item in sorted(expected.keys() | seen.keys()):
        if _within_a_table_that_differs(item, expected, seen):
            continue
        if item not in seen:
            lines.append(f"{item} is missing")
        elif item not in expected:
            lines.append(f"{item} {extra}")
        elif expected[item] != seen[item]:
            lines.append(f"{item} is {seen[item]!r} instead of {expected[item]!r}")
    return tuple(lines)


def touched(before: Schema, after: Schema, tables: tuple[str, ...]) -> bool:
    """Whether the two schemas differ in anything that names one of these tables."""
    changed = {item for item in before.keys() | after.keys() if before.get(item) != after.get(item)}
    names = re.compile(rf"\b({'|'.join(tables)})\b")
    return any(names.search(f"{item} {before.get(item, '')} {after.get(item, '')}") for item in changed)


def _sections(text: str) -> Iterator[tuple[Item, str]]:
    item: Item | None = None
    body: list[str] = []
    for line in text.splitlines():
        header = _HEADER.match(line)
        if header:
            if item is not None:
                yield item, _tidy(body)
            item, body = _item(header), []
        elif not _CHATTER.match(line):
            body.append(line)
    if item is not None:
        yield item, _tidy(body)


def _item(header: re.Match[str]) -> Item:
    schema = "" if header["schema"] in ("-", "public") else f"{header['schema']}."
    # A dump names what belongs to a table as `table thing`.
    return Item(kind=header["kind"].lower(), name=schema + header["name"].replace(" ", "."))


def _tidy(body: list[str]) -> str:
    return _NAMED_NOT_NULL.sub("NOT NULL", "\n".join(line.rstrip() for line in body).strip())


def _parts(item: Item, body: str) -> Iterator[tuple[Item, str]]:
    """What a table is made of, whose order means nothing: what its parentheses hold, and what follows them."""
    if item.kind != "table":
        return
    opening, *lines = body.splitlines()
    if not opening.startswith("CREATE TABLE "):
        yield Item(kind=opening.split()[1].lower(), name=item.name), opening
    end = max((number for number, line in enumerate(lines) if line in (")", ");")), default=len(lines))
    yield from _inside(item.name, lines[:end])
    clauses, _, statements = "\n".join(lines[end:]).partition(";")
    for clause in clauses.splitlines()[1:]:
        yield from _clause(item.name, clause)
    for statement in filter(None, map(str.strip, statements.split(";\n"))):
        yield _setting(item.name, statement.removesuffix(";"))


def _inside(table: str, lines: list[str]) -> Iterator[tuple[Item, str]]:
    """The columns and inline constraints, one to a line unless a text in one goes over several."""
    parts: list[str] = []
    for line in lines:
        if parts and parts[-1].count("'") % 2:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line.strip())
    for part in parts:
        definition = part.removesuffix(",")
        column = _COLUMN.match(definition)
        if column:
            yield Item(kind="column", name=f"{table}.{column['name']}"), column["type"]
        elif definition.startswith("CONSTRAINT "):
            _, name, words = definition.split(" ", 2)
            yield Item(kind="constraint", name=f"{table}.{name}"), words


def _clause(table: str, clause: str) -> Iterator[tuple[Item, str]]:
    """What stands between the parentheses and the semicolon: storage parameters, partitioning, inheritance."""
    if clause.startswith("WITH ("):
        for name, value in _PARAMETER.findall(clause):
            yield Item(kind="storage parameter", name=f"{table}.{name}"), value
    else:
        yield Item(kind="clause", name=f"{table}.{clause}"), clause


def _setting(table: str, statement: str) -> tuple[Item, str]:
    """What a statement of its own sets for the table or for one of its columns."""
    altered = _ALTERATION.match(statement)
    words = altered["words"] if altered else statement
    column = _OF_COLUMN.match(words)
    if column:
        what = (column["what"] or "options").lower().replace("statistics", "statistics target")
        return Item(kind=what, name=f"{table}.{column['name']}"), column["value"]
    if words.startswith(_IDENTITY):
        return Item(kind="replica identity", name=table), words.removeprefix(_IDENTITY)
    return Item(kind="setting", name=f"{table}.{words}"), words


def _within_a_table_that_differs(item: Item, expected: Schema, seen: Schema) -> bool:
    """Say what matters once: the column rather than its table, a whole table rather than all its columns."""
    if item.kind == "table":
        return item in expected and item in seen
    # A name may hold dots of its own, so any beginning of it may be the table's.
    parts = item.name.split(".")
    tables = [Item(kind="table", name=".".join(parts[:number])) for number in range(1, len(parts) + 1)]
    return any((table in expected) != (table in seen) for table in tables)
