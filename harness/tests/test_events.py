"""Events are read leniently, what came instead is named, and what troubles a platform's database lets go again."""

import json
import threading
import time
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from harness.errors import CannotTell, DidNotCome
from harness.journal import Journal
from harness.observe import events as observed
from harness.observe import standstill as standing
from harness.observe.bus import BusListener, Message
from harness.observe.events import Event, Events, Missed
from harness.observe.standstill import Standstill
from harness.observe.veto import Veto
from harness.services.bus_client import BusClient
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.interface import BusServer, DatabaseServer
from harness.services.workspace import Workspace
from harness.source import PACKAGE

WARNING = "budget.warning"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The folder of a run that all tests of this module share."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def redis(workspace: Workspace) -> BusServer:
    """A bus server."""
    return EmbeddedRedis.start(workspace)


@pytest.fixture(scope="module")
def postgres(workspace: Workspace) -> DatabaseServer:
    """A database server."""
    return EmbeddedPostgres.start(workspace)


@pytest.fixture
def listener(redis: BusServer) -> Iterator[BusListener]:
    """A subscriber of every event."""
    with BusListener(redis.url) as listening:
        yield listening


@pytest.fixture
def database(postgres: DatabaseServer) -> str:
    """URL of a new database with a table of costs."""
    url = postgres.url(postgres.create_database("events"))
    with connect(url) as connection:
        connection.execute("CREATE TABLE cost_records (id serial, model text)")
    return url


def publish(redis: BusServer, channel: str, told: object) -> None:
    """Publish something as a platform would."""
    with BusClient(redis.url) as client:
        client.publish(channel, told if isinstance(told, str) else json.dumps(told))


def event(told: object, channel: str = "events.budget.warning") -> Event:
    """A message, read."""
    return observed.decode(Message(channel=channel, text=json.dumps(told), at=0.0))


@pytest.mark.parametrize(
    "told",
    [
        {"event_type": WARNING, "payload": {"scope_type": "spec", "scope_id": "A-1", "limit": 2.5}},
        {"scope": "SPEC", "spec_id": "a1", "limit": "2.5"},
        {"payload": {"scope": {"type": "spec", "id": "A1"}, "limit": 2.5}},
    ],
)
def test_an_event_is_read_however_it_is_laid_out(told: object) -> None:
    """Fields may stand in the payload or beside it, numbers may be text, and the channel tells a missing type."""
    read = event(told)
    assert (read.type, read.scope, read.amount("limit")) == (WARNING, ("spec", "a1"), Decimal("2.5"))


@pytest.mark.parametrize("text", ["", "[1]", "no JSON", '"word"', "NaN", "null"])
def test_what_is_no_object_is_an_event_without_fields(text: str) -> None:
    """A message that nobody can read is still one that was published."""
    read = observed.decode(Message(channel="events.cost.recorded", text=text, at=0.0))
    assert (read.type, dict(read.fields), read.scope) == ("cost.recorded", {}, (None, None))


def test_what_came_before_the_check_is_not_its_news(redis: BusServer, listener: BusListener) -> None:
    """An instrument begins when it is made, and counts what it examined."""
    publish(redis, "events.a", {"n": 1})
    listener.await_message(lambda message: message.channel == "events.a")
    journal = Journal()
    events = Events(journal, listener)
    publish(redis, "events.a", {"n": 2})
    publish(redis, "events.conform.canary", {"n": 2})
    publish(redis, "events.b", {"n": 3})
    assert events.await_event("b", lambda _: True, claim="later").amount("n") == 3
    assert [one.amount("n") for one in events.of("a", lambda _: True, claim="all")] == [2]
    assert [(reading.observed, reading.examined) for reading in journal.readings] == [(1, 1), (1, 2)]


def test_what_came_instead_is_named(redis: BusServer, listener: BusListener, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing event is missed under its name, and the report shows the names that were used."""
    monkeypatch.setattr(observed, "AWAIT_SECONDS", 0.3)
    events = Events(Journal(), listener)
    publish(redis, "events.budget.low", {"event_type": "budget.low", "payload": {"scope_type": "spec"}})
    listener.await_message(lambda message: message.channel == "events.budget.low")
    with pytest.raises(DidNotCome, match=r"budget.warning \(of it\) did not come in 0.3 s.*1 x budget.low of a spec"):
        events.await_event(WARNING, lambda _: True, claim="of it")


def test_events_that_come_slowly_are_awaited_one_after_the_other(
    redis: BusServer, listener: BusListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many there are to come says nothing of how long the last one takes."""
    monkeypatch.setattr(observed, "AWAIT_SECONDS", 4.0)
    events = Events(Journal(), listener)

    def drip() -> None:
        for number in range(8):
            time.sleep(0.6)
            publish(redis, "events.slow", {"event_type": "slow", "entity_id": str(number)})

    dripping = threading.Thread(target=drip)
    dripping.start()
    found = events.await_events("slow", lambda _: True, number=8, claim="one after the other")
    dripping.join()
    assert [one.entity_id for one in found] == [str(number) for number in range(8)]


def test_a_type_that_nobody_publishes_is_awaited_to_the_end_once(
    redis: BusServer, listener: BusListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten checks that miss the same type need not wait ten times; one that was seen is awaited for each criterion."""
    monkeypatch.setattr(observed, "AWAIT_SECONDS", 0.4)
    monkeypatch.setattr(observed, "AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(observed, "NEVER_SEEN_SECONDS", 0.1)
    missed: Missed = {}
    for deadline in ("0.4", "0.1"):
        with pytest.raises(DidNotCome, match=f"in {deadline} s"):
            Events(Journal(), listener, missed=missed).await_event(WARNING, lambda _: True, claim="of it")
    for event_type, deadline in (("budget.exceeded", "0.2"), ("cost.recorded", "0.4")):
        with pytest.raises(DidNotCome, match=f"in {deadline} s"):
            Events(Journal(), listener, missed=deepcopy(missed)).await_event(event_type, lambda _: True, claim="of it")
    publish(redis, "events.budget.warning", {})
    listener.await_message(lambda message: message.channel == "events.budget.warning")
    for criterion, deadline in (("", "0.2"), ("another", "0.4"), ("another", "0.2")):
        events = Events(Journal(), listener, missed=missed, criterion=criterion)
        with pytest.raises(DidNotCome, match=f"in {deadline} s"):
            events.await_event(WARNING, lambda _: False, claim="of it")


def test_the_name_that_the_source_has_instead_is_told(
    listener: BusListener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform that would publish under another name, and does not get there, is shown where it writes that name."""
    monkeypatch.setattr(observed, "AWAIT_SECONDS", 0.1)
    code = tmp_path / PACKAGE / "alerts.py"
    code.parent.mkdir()
    code.write_text('LIKE = "budget.warnings"\nTYPE = "cost.budget.warning"\nAGAIN = "cost.budget.warning"\n')
    with pytest.raises(DidNotCome, match=r"source names cost\.budget\.warning \(omoi_os/alerts\.py:2\)$"):
        Events(Journal(), listener, source=tmp_path).await_event(WARNING, lambda _: True, claim="of it")


def test_a_subscriber_of_one_type_receives_no_other(redis: BusServer) -> None:
    """A listener can be as narrow as a platform's own subscribers are."""
    with BusListener(redis.url, "events.a") as narrow:
        publish(redis, "events.b", {})
        publish(redis, "events.a", {})
        narrow.await_message(lambda message: message.channel == "events.a")
        assert [message.channel for message in narrow.messages] == ["events.a"]


def test_a_veto_refuses_one_model_at_the_commit(database: str) -> None:
    """The row is taken, and refused when its transaction ends; others pass, and afterwards it passes too."""
    veto = Veto(database)
    veto.against("it's refused")
    with connect(database) as connection:
        connection.execute("INSERT INTO cost_records (model) VALUES ('other')")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO cost_records (model) VALUES ('it''s refused')")
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("COMMIT")
        veto.withdraw()
        connection.execute("INSERT INTO cost_records (model) VALUES ('it''s refused')")
        assert connection.execute("SELECT count(*) FROM cost_records").fetchone() == (2,)


def test_a_veto_refuses_one_task_at_once(database: str) -> None:
    """However its key is written, the row is refused before anything is committed."""
    veto = Veto(database)
    with connect(database) as connection:
        connection.execute("ALTER TABLE cost_records ADD task_id uuid")
        key = connection.execute("INSERT INTO cost_records (task_id) VALUES (gen_random_uuid()) RETURNING task_id")
        [task] = key.fetchall()[0]
        veto.against_task(task.hex, moment="at once")
        connection.execute("INSERT INTO cost_records (task_id) VALUES (gen_random_uuid())")
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("INSERT INTO cost_records (task_id) VALUES (%s)", (task,))
        veto.withdraw()
        connection.execute("INSERT INTO cost_records (task_id) VALUES (%s)", (task,))


def test_a_veto_without_the_table_cannot_tell(postgres: DatabaseServer) -> None:
    """Where there is nothing to refuse, nothing follows."""
    with pytest.raises(CannotTell, match="could not tell the database"):
        Veto(postgres.url(postgres.create_database("empty"))).against("any")


def test_writers_meet_and_readers_go_on_while_writing_is_held(database: str) -> None:
    """Two who read before they write have both read when the first is let write."""
    journal, read = Journal(), list[int]()

    def work() -> None:
        with connect(database) as connection, connection.transaction():
            row = connection.execute("SELECT count(*) FROM cost_records").fetchone()
            read.append(row[0] if row else -1)
            connection.execute("INSERT INTO cost_records (model) VALUES ('any')")

    threads = [threading.Thread(target=work) for _ in range(2)]
    with Standstill(journal, database).held():
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert read == [0, 0]
    assert [(reading.instrument, reading.examined) for reading in journal.readings] == [("standstill", 2)]


def test_a_table_that_passes_is_written_to_meanwhile(database: str) -> None:
    """Those who write to it first are held up at what they write next."""
    with connect(database) as connection:
        connection.execute("CREATE TABLE notes (words text)")
    written = threading.Barrier(3, timeout=30)

    def work() -> None:
        with connect(database) as connection:
            connection.execute("INSERT INTO cost_records (model) VALUES ('any')")
            written.wait()
            connection.execute("INSERT INTO notes VALUES ('one more')")

    threads = [threading.Thread(target=work) for _ in range(2)]
    with connect(database) as witness, Standstill(Journal(), database).held(passing=("cost_records",)):
        for thread in threads:
            thread.start()
        written.wait()
        assert witness.execute("SELECT count(*) FROM notes").fetchone() == (0,)
    for thread in threads:
        thread.join()


def test_a_platform_that_never_stops_writing_is_not_held_for_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We give up rather than stand in anybody's way."""
    monkeypatch.setattr(standing, "ATTEMPTS", 2)
    with connect(database) as writer:
        writer.execute("BEGIN")
        writer.execute("INSERT INTO cost_records (model) VALUES ('any')")
        with pytest.raises(CannotTell, match="never stops writing"), Standstill(Journal(), database).held():
            pass
