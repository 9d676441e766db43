"""Databases of our own are made, cloned, dumped and dropped, and no other is touched."""

from collections.abc import Iterator

import psycopg
import pytest

from harness.services.databases import connect, name_for
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.interface import DatabaseServer, ServiceRefused
from harness.services.workspace import Workspace


@pytest.fixture(scope="module")
def postgres() -> Iterator[DatabaseServer]:
    """One database server for every test of this module."""
    with Workspace.open() as opened:
        yield EmbeddedPostgres.start(opened)


def test_a_database_has_an_unmistakable_name(postgres: DatabaseServer) -> None:
    """Names are ours, lower-case, unique and short enough, whatever the label."""
    name = postgres.create_database("Über all; DROP")
    assert name.startswith("conform_")
    assert name == name.lower()
    assert name_for("x" * 100) != name_for("x" * 100)
    assert len(name_for("x" * 100)) <= 63


def test_a_clone_holds_the_rows_of_its_template(postgres: DatabaseServer) -> None:
    """A clone has what its template has, and goes its own way from there."""
    template = postgres.create_database("template")
    with connect(postgres.url(template)) as connection:
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    clone = postgres.create_database("clone", template=template)
    with connect(postgres.url(clone)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
        connection.execute("DROP TABLE kept")
    assert "kept" in postgres.dump_schema(template)
    assert "kept" not in postgres.dump_schema(clone)


def test_a_template_in_use_is_refused_with_its_reason(postgres: DatabaseServer) -> None:
    """Cloning a database that somebody is connected to says so."""
    template = postgres.create_database("busy")
    with connect(postgres.url(template)), pytest.raises(ServiceRefused, match="accessed by other users"):
        postgres.create_database("clone", template=template)


def test_the_dump_of_one_schema_is_the_same_text_twice(postgres: DatabaseServer) -> None:
    """Nothing random, and no password, is in the dump."""
    name = postgres.create_database("dumped")
    with connect(postgres.url(name)) as connection:
        connection.execute("CREATE TABLE cost (amount float8 NOT NULL)")
    first = postgres.dump_schema(name)
    assert "amount double precision NOT NULL" in first
    assert first == postgres.dump_schema(name)


def test_a_dump_of_a_missing_database_is_refused(postgres: DatabaseServer) -> None:
    """The words of pg_dump are the cause."""
    with pytest.raises(ServiceRefused, match="does not exist"):
        postgres.dump_schema("conform_never_made")


def test_a_dropped_database_is_gone_also_with_connections_to_it(postgres: DatabaseServer) -> None:
    """Dropping ends connections, and dropping twice is no error."""
    name = postgres.create_database("dropped")
    with connect(postgres.url(name)):
        postgres.drop_database(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgres.url(name))
    postgres.drop_database(name)


def test_a_database_that_is_not_ours_is_not_dropped(postgres: DatabaseServer) -> None:
    """Only names that the harness gives are dropped."""
    with pytest.raises(ServiceRefused, match="not made by the harness"):
        postgres.drop_database("postgres")


def test_the_server_asks_for_its_password(postgres: DatabaseServer) -> None:
    """Another user of this machine does not get in."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://conform:wrong@{postgres.address}/postgres", connect_timeout=5)


def test_a_statement_outlives_a_change_of_its_table(postgres: DatabaseServer) -> None:
    """The same statement, repeated between migrations, is never held to the columns that the table once had."""
    with connect(postgres.url(postgres.create_database("migrating"))) as connection:
        connection.execute("CREATE TABLE growing (a int)")
        for number in range(8):
            connection.execute("INSERT INTO growing (a) VALUES (1) RETURNING *")
            connection.execute(f"ALTER TABLE growing ADD COLUMN b{number} int".encode())
        assert len(connection.execute("SELECT * FROM growing").fetchone() or ()) == 9
