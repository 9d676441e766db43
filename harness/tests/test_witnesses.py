"""Witnesses see what is there, say how much they looked at, and say so when they cannot look."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from harness.errors import CannotTell, DidNotCome
from harness.journal import Journal
from harness.observe import bus, sql
from harness.observe.bus import BusListener, Message
from harness.observe.sql import Sql
from harness.services.bus_client import BusClient
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.interface import BusServer, DatabaseServer
from harness.services.workspace import Workspace

SECONDS = 20.0


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The folder of a run that all tests of this module share."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def postgres(workspace: Workspace) -> DatabaseServer:
    """A database server."""
    return EmbeddedPostgres.start(workspace)


@pytest.fixture(scope="module")
def redis(workspace: Workspace) -> BusServer:
    """A bus server."""
    return EmbeddedRedis.start(workspace)


@pytest.fixture
def database(postgres: DatabaseServer) -> str:
    """URL of a new database with a table of three rows."""
    url = postgres.url(postgres.create_database("witness"))
    with connect(url) as connection:
        connection.execute("CREATE TABLE cost (n int); INSERT INTO cost VALUES (1), (2), (3)")
    return url


@pytest.fixture
def witness(database: str) -> Iterator[tuple[Sql, Journal]]:
    """A witness of that database, and its journal."""
    journal = Journal()
    seen = Sql(journal, database)
    yield seen, journal
    seen.close()


def test_rows_are_returned_and_counted(witness: tuple[Sql, Journal]) -> None:
    """The reading says how many rows were seen."""
    seen, journal = witness
    assert seen.rows("small ones", "SELECT n FROM cost WHERE n < %s ORDER BY n", (3,)) == [{"n": 1}, {"n": 2}]
    assert [(one.instrument, one.claim, one.examined) for one in journal.readings] == [("sql", "small ones", 2)]


def test_no_row_is_a_reading_that_examined_nothing(witness: tuple[Sql, Journal]) -> None:
    """Absence earns nothing by itself."""
    seen, journal = witness
    assert seen.rows("none", "SELECT n FROM cost WHERE n > 9") == []
    assert seen.value("no value", "SELECT n FROM cost WHERE n > 9") is None
    assert [one.examined for one in journal.readings] == [0, 0]


def test_a_value_is_returned_and_noted(witness: tuple[Sql, Journal]) -> None:
    """Named parameters work, and the value is what the reading observed."""
    seen, journal = witness
    assert seen.value("sum", "SELECT sum(n) FROM cost WHERE n <> %(n)s", {"n": 2}) == 4
    assert journal.readings[0].observed == 4


def test_seeding_is_seen_by_others_and_notes_nothing(witness: tuple[Sql, Journal], database: str) -> None:
    """A statement is in the database when it returns, and is no reading."""
    seen, journal = witness
    seen.execute("INSERT INTO cost VALUES (%s)", (4,))
    with connect(database) as other:
        assert other.execute("SELECT count(*) FROM cost").fetchone() == (4,)
    assert journal.readings == []


def test_a_witness_that_cannot_look_says_so_and_can_look_again(witness: tuple[Sql, Journal]) -> None:
    """A missing table is no statement about the platform, and does not blind the witness."""
    seen, journal = witness
    with pytest.raises(CannotTell, match="UndefinedTable"):
        seen.rows("absent", "SELECT * FROM absent")
    assert journal.readings == []
    assert seen.value("alive", "SELECT count(*) FROM cost") == 3


def test_nothing_is_connected_before_the_first_use() -> None:
    """A witness of a server that is not there can be made; looking says, without the password, that it cannot."""
    seen = Sql(Journal(), "postgresql+psycopg://me:hidden@127.0.0.1:1/conform_x")
    with pytest.raises(CannotTell) as caught:
        seen.value("anything", "SELECT 1")
    assert "hidden" not in str(caught.value)


def test_the_canary_of_the_database_is_seen_and_leaves_nothing(postgres: DatabaseServer) -> None:
    """A row of ours is read on another connection, and the schema is what it was."""
    name = postgres.create_database("canary")
    before = postgres.dump_schema(name)
    assert sql.canary(postgres.url(name))
    assert postgres.dump_schema(name) == before


def test_the_canary_of_a_dead_database_is_not_seen() -> None:
    """Where nobody listens there is no sign of life."""
    assert not sql.canary("postgresql+psycopg://me@127.0.0.1:1/conform_x")


def test_the_canary_does_not_write_where_the_harness_made_nothing(postgres: DatabaseServer) -> None:
    """A database of somebody else is left alone."""
    with pytest.raises(CannotTell, match="harness made"):
        sql.canary(postgres.url("postgres"))
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'conform%'").fetchone() == (0,)


def test_every_message_is_heard_in_order_and_only_events(redis: BusServer) -> None:
    """Nothing after the listener was made is missed; other channels stay out."""
    with BusListener(redis.url) as listener, BusClient(redis.url) as client:
        for n in range(500):
            assert client.publish("events.cost.recorded", str(n)) == 1
        client.publish("other.cost", "noise")
        client.publish("events.fence", "")
        listener.await_message(lambda message: message.channel == "events.fence", SECONDS)
        heard = [message.text for message in listener.messages if message.channel == "events.cost.recorded"]
        assert heard == [str(n) for n in range(500)]
        assert len(listener.messages) == 501


def test_a_message_to_come_is_awaited(redis: BusServer) -> None:
    """Waiting returns as soon as the message is there, also one that came before."""
    with BusListener(redis.url) as listener, BusClient(redis.url) as client:
        client.publish("events.a", "x")
        first = listener.await_message(lambda message: message.text == "x", SECONDS)
        assert first.channel == "events.a"
        assert listener.await_message(is_from_a, SECONDS) == first


def is_from_a(message: Message) -> bool:
    """Whether it came over the channel of the test."""
    return message.channel == "events.a"


def test_a_message_that_does_not_come_is_reported_with_its_channel(redis: BusServer) -> None:
    """The error names the channel, so that a canary can be tried there, and how much else was heard."""
    with BusListener(redis.url) as listener, BusClient(redis.url) as client:
        client.publish("events.b", "y")
        begun = time.monotonic()
        with pytest.raises(DidNotCome, match="1 others did") as caught:
            listener.await_message(is_from_a, 0.5)
        assert caught.value.channel == "bus"
        assert time.monotonic() - begun >= 0.5


def test_a_listener_hears_again_after_the_bus_was_restarted(workspace: Workspace) -> None:
    """An outage of the bus does not deafen the witness."""
    server = EmbeddedRedis.start(workspace)
    with BusListener(server.url) as listener, BusClient(server.url) as client:
        server.kill()
        server.restart()
        deadline = time.monotonic() + SECONDS
        while client.publish("events.a", "again") == 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert listener.await_message(is_from_a, SECONDS).text == "again"
    server.stop()


def test_a_listener_without_a_bus_cannot_tell() -> None:
    """A refused connection of ours says nothing about the platform."""
    with pytest.raises(CannotTell, match="could not listen"):
        BusListener("redis://:hidden@127.0.0.1:1/0")


def test_the_canary_of_the_bus_is_seen_alive_and_not_dead(redis: BusServer) -> None:
    """Our own publish reaches our own subscriber exactly where there is a bus."""
    assert bus.canary(redis.url)
    assert not bus.canary("redis://127.0.0.1:1/0")
