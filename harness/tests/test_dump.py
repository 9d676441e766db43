"""Two dumps are compared object by object, and what differs is called what PostgreSQL calls it."""

from collections.abc import Callable, Generator

import pytest

from harness.observe import dump
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.tests.migration_ground import postgres

TABLES = """
CREATE TABLE owners (id int PRIMARY KEY);
CREATE TABLE tickets (
    id int PRIMARY KEY, "order" text, title text NOT NULL, owner_id int REFERENCES owners,
    note text DEFAULT E'one,\n)\n    two', CONSTRAINT titled CHECK (title <> ')')
);
CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER staying BEFORE UPDATE ON tickets FOR EACH ROW EXECUTE FUNCTION stay();
"""
Compared = Callable[[str], tuple[str, ...]]

LEFT_BEHIND: dict[str, tuple[str, str]] = {
    "column": ("ALTER TABLE tickets ADD extra int", "column tickets.extra remains"),
    "quoted column": ('ALTER TABLE tickets ADD "with space" int', 'column tickets."with space" remains'),
    "constraint": ("ALTER TABLE tickets ADD CONSTRAINT c CHECK (id > 0)", "constraint tickets.c remains"),
    "storage parameter": ("ALTER TABLE tickets SET (fillfactor = 70)", "storage parameter tickets.fillfactor remains"),
    "parameter of the overflow": (
        "ALTER TABLE tickets SET (toast.autovacuum_enabled = false)",
        "storage parameter tickets.toast.autovacuum_enabled remains",
    ),
    "statistics target": (
        "ALTER TABLE tickets ALTER title SET STATISTICS 500",
        "statistics target tickets.title remains",
    ),
    "options of a column": (
        'ALTER TABLE tickets ALTER "order" SET (n_distinct = 5)',
        'options tickets."order" remains',
    ),
    "storage of a column": ("ALTER TABLE tickets ALTER title SET STORAGE EXTERNAL", "storage tickets.title remains"),
    "replica identity": ("ALTER TABLE tickets REPLICA IDENTITY FULL", "replica identity tickets remains"),
    "row security": (
        "ALTER TABLE tickets FORCE ROW LEVEL SECURITY",
        "setting tickets.FORCE ROW LEVEL SECURITY remains",
    ),
    "not logged": ("ALTER TABLE tickets SET UNLOGGED", "unlogged tickets remains"),
    "inheritance": (
        "CREATE TABLE parent (); ALTER TABLE tickets INHERIT parent",
        "clause tickets.INHERITS (public.parent) remains|table parent remains",
    ),
    "whole table": (
        "CREATE TABLE parts (id int) WITH (fillfactor = 70); ALTER TABLE parts REPLICA IDENTITY FULL",
        "table parts remains",
    ),
}


@pytest.fixture(scope="module")
def server() -> Generator[EmbeddedPostgres]:
    """One server for this module."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def compared(server: EmbeddedPostgres) -> Compared:
    """What a statement leaves behind, as a comparison names it."""

    def differences(statement: str) -> tuple[str, ...]:
        name = server.create_database("dump")
        with connect(server.url(name)) as connection:
            connection.execute(TABLES.encode())
            before = dump.read(server.dump_schema(name))
            connection.execute(statement.encode())
        return dump.differences(before, dump.read(server.dump_schema(name)))

    return differences


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_is_left_behind_is_named_after_what_it_is(compared: Compared, name: str) -> None:
    """What follows a table's columns is no column."""
    statement, words = LEFT_BEHIND[name]
    assert compared(statement) == tuple(words.split("|"))


def test_a_trigger_that_was_put_to_sleep_is_seen(compared: Compared) -> None:
    """The trigger is the platform's own; those behind foreign keys are not in a dump."""
    (line,) = compared("ALTER TABLE tickets DISABLE TRIGGER ALL")
    assert line.startswith("trigger tickets.staying is ")
    assert "DISABLE TRIGGER staying" in line


def test_a_changed_setting_tells_both_values(compared: Compared) -> None:
    """The one that was, and the one that is."""
    (line,) = compared("ALTER TABLE tickets ALTER note SET DEFAULT 'three'")
    assert line.startswith("column tickets.note is ")
    assert "two" in line
    assert "three" in line
