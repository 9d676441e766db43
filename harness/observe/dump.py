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
_COLUMN: Final = re.compile(r"^(?P<name>\"(?:[^\"]|\"\")+\"|(?!CONSTRAINT\b)\w+) (?P<type>.+)$")


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
    """Every object of a dump with its statements; columns and constraints of a table are objects of their own."""
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
    """The columns and inline constraints of a CREATE TABLE, whose order means nothing."""
    if item.kind != "table":
        return
    for line in body.splitlines()[1:]:
        part = line.strip().rstrip(",")
        column = _COLUMN.match(part)
        if column:
            yield Item(kind="column", name=f"{item.name}.{column['name']}"), column["type"]
        elif part.startswith("CONSTRAINT "):
            _, name, definition = part.split(" ", 2)
            yield Item(kind="constraint", name=f"{item.name}.{name}"), definition


def _within_a_table_that_differs(item: Item, expected: Schema, seen: Schema) -> bool:
    """Say what matters once: the column rather than its table, a whole table rather than all its columns."""
    if item.kind == "table":
        return item in expected and item in seen
    table = Item(kind="table", name=item.name.rpartition(".")[0])
    return (table in expected) != (table in seen)
