"""Rows are planted from what PostgreSQL's catalogue says of a table, and a refusal is told as such."""

from collections.abc import Generator
from typing import Any

import pytest
from psycopg import Connection

from harness.errors import CannotTell
from harness.observe import planting, tables
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.tests.migration_ground import postgres

TABLES = """
CREATE TYPE mood AS ENUM ('calm', 'tense');
CREATE DOMAIN dollars AS numeric(12, 6) NOT NULL;
CREATE TABLE owners (id uuid PRIMARY KEY, name varchar(8) UNIQUE NOT NULL);
CREATE TABLE places (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner_id uuid NOT NULL REFERENCES owners);
CREATE TABLE things (
    number smallint NOT NULL UNIQUE, place_id bigint NOT NULL REFERENCES places,
    owner_id uuid NOT NULL REFERENCES owners,
    code char(3) NOT NULL, price dollars, state text NOT NULL CHECK (state IN ('o''pen', 'shut')),
    kind varchar NOT NULL CHECK (kind = 'solid'), level int NOT NULL CHECK (level IN (7, 9)),
    ratio double precision NOT NULL CHECK (ratio > 0 AND ratio <= 1), mood mood NOT NULL, tags text[] NOT NULL,
    document jsonb NOT NULL, plain json NOT NULL, blob bytea NOT NULL, at timestamptz NOT NULL, day date NOT NULL,
    yes boolean NOT NULL, spare text, filled int NOT NULL DEFAULT 4, PRIMARY KEY (number)
);
CREATE TABLE hens (id int PRIMARY KEY, egg_id int NOT NULL);
CREATE TABLE eggs (id int PRIMARY KEY, hen_id int NOT NULL REFERENCES hens);
ALTER TABLE hens ADD FOREIGN KEY (egg_id) REFERENCES eggs;
CREATE TABLE strict (id int PRIMARY KEY, word text NOT NULL CHECK (word ~ '^[A-Z]+$'));
CREATE TABLE shapes (id int PRIMARY KEY, shape point NOT NULL);
"""


@pytest.fixture(scope="module")
def server() -> Generator[EmbeddedPostgres]:
    """One server for this module."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def connection(server: EmbeddedPostgres) -> Generator[Connection[Any]]:
    """A database with tables of every sort."""
    name = server.create_database("planting")
    with connect(server.url(name)) as opened:
        opened.execute(TABLES)
        yield opened


def test_everything_that_a_table_demands_is_filled(connection: Connection[Any]) -> None:
    """Every type, domain, enum and simple CHECK; what may be empty or fills itself is left alone."""
    key = planting.plant(connection, "things")
    found = connection.execute("SELECT * FROM things WHERE number = %s", [key])
    assert found.description
    row = dict(zip([column.name for column in found.description], found.fetchone() or (), strict=True))
    assert (row["state"], row["kind"], row["level"], row["mood"]) == ("o'pen", "solid", 7, "calm")
    assert (row["spare"], row["filled"], row["tags"], row["document"]) == (None, 4, [], {})


def test_parents_are_planted_once_and_shared(connection: Connection[Any]) -> None:
    """The owner of a thing and of its place is one and the same."""
    key = planting.plant(connection, "things")
    query = "SELECT t.owner_id = p.owner_id FROM things t JOIN places p ON p.id = t.place_id WHERE number = %s"
    assert connection.execute(query, [key]).fetchone() == (True,)


def test_rows_differ_where_they_must(connection: Connection[Any]) -> None:
    """Unique columns, short ones too, never collide."""
    assert len({planting.plant(connection, "things") for _ in range(20)}) == 20
    assert len({planting.plant(connection, "owners") for _ in range(20)}) == 20


def test_given_values_win_over_preferred_ones(connection: Connection[Any]) -> None:
    """A driver's preference fills what nobody gave; a number given for a text column is stored as text."""
    preferred = {"things": {"spare": "preferred", "kind": "solid"}, "owners": {"name": "mine"}}
    key = planting.plant(connection, "things", {"code": 12, "document": {"a": 1}}, preferred=preferred)
    query = "SELECT trim(code), spare, document->>'a', name FROM things JOIN owners ON id = owner_id WHERE number = %s"
    assert connection.execute(query, [key]).fetchone() == ("12", "preferred", "1", "mine")
    owner = planting.plant(connection, "owners", {"name": "given"}, preferred=preferred)
    assert connection.execute("SELECT name FROM owners WHERE id = %s", [owner]).fetchone() == ("given",)


def test_tables_that_need_each_other_are_refused_with_the_way(connection: Connection[Any]) -> None:
    """A cycle of demanded foreign keys ends with its path instead of without end."""
    with pytest.raises(CannotTell, match="hens → eggs → hens"):
        planting.plant(connection, "hens")


@pytest.mark.parametrize(
    ("table", "reason"),
    [("strict", "strict_word_check"), ("nowhere", "no such table"), ("shapes", "value of type point")],
)
def test_what_cannot_be_planted_is_told_with_table_and_reason(
    connection: Connection[Any], table: str, reason: str
) -> None:
    """A refusal by the database and a table that nobody can fill both say why."""
    with pytest.raises(CannotTell, match=f"no row can be planted in {table}.*{reason}"):
        planting.plant(connection, table)


def test_optional_parents_are_planted_when_asked_for(connection: Connection[Any]) -> None:
    """Keys of every foreign key come back, ready to be given."""
    table = tables.read(connection, "places")
    assert table
    parents = planting.parents(connection, table)
    assert set(parents) == {"owner_id"}
    assert planting.plant(connection, "places", parents)
