"""Costs and alerts reach whoever listens, whatever is away in between."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from conftest import ROOT, environment
from demo import embedded
from omoi_os.models.outbox import OutboxEvent
from omoi_os.services.database import DatabaseService
from people import Person, Platform, Work, call_of, start_work
from workshop import Workshop

PATIENCE = 60.0
Message = dict[str, Any]


@pytest.fixture
def work(owner: Person) -> Work:
    """The first work of the first organization."""
    return start_work(owner, owner.make("/organizations", name="Keepers")["id"])


@pytest.fixture
def db(database_url: str) -> Generator[DatabaseService]:
    """A database service on the platform's own database."""
    service = DatabaseService(database_url)
    yield service
    service.close()


class Bus:
    """Redis as a consumer sees it."""

    def __init__(self, url: str) -> None:
        redis: Any = Redis
        self.client = redis.from_url(url, protocol=2)

    def subscribed(self, *types: str) -> Any:
        """Listen to events of some types from now on."""
        listening = self.client.pubsub(ignore_subscribe_messages=True)
        listening.subscribe(*(f"events.{name}" for name in types))
        listening.get_message(timeout=PATIENCE)
        return listening

    def kept(self, project: str, db: DatabaseService, count: int) -> list[Message]:
        """Wait until the stream holds so many events of a project; returns them in the stream's order."""
        until = time.monotonic() + PATIENCE
        while True:
            with db.get_session() as session:
                ours = set(session.scalars(select(OutboxEvent.event_id).where(OutboxEvent.project_id == project)))
            found = [json.loads(entry[b"event"]) for _, entry in self.client.xrange("events")]
            found = [event for event in found if event["event_id"] in ours]
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.05)


def heard(listening: Any, count: int, **about: str) -> list[Message]:
    """Wait for so many events whose payload says this; returns them in their order."""
    messages: list[Message] = []
    until = time.monotonic() + PATIENCE
    while len(messages) < count and time.monotonic() < until:
        # Nothing came, or what came confirms a subscription.
        if message := listening.get_message(timeout=0.2):
            event = json.loads(message["data"])
            messages += [event] if about.items() <= event["payload"].items() else []
    return messages


@contextmanager
def instance(database_url: str, redis_url: str) -> Generator[tuple[Platform, subprocess.Popen[bytes]]]:
    """Run one more instance of the platform."""
    port = embedded.free_port()
    command = [sys.executable, "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port), "--log-level", "critical"]
    settings = environment(database_url, redis_url)
    with embedded.running(command, port, cwd=ROOT, env=settings) as process, Platform(port) as platform:
        yield platform, process


def at(platform: Platform, person: Person) -> Person:
    """Return the same person at another instance."""
    return Person(platform.http, person.id, person.token)


def spend(work: Work, person: Person) -> Message:
    """Record one cost in somebody's name."""
    return person.make("/costs/records", **call_of(work.task))


def test_cost_event_publishing(workshop: Workshop, redis_url: str) -> None:
    """Everybody who listens gets each cost once, and those who listen to something else do not."""
    bus, task, earlier = Bus(redis_url), workshop.task("Draw the lamp"), workshop.task("Think of a lamp")
    before = bus.subscribed("cost.recorded")
    workshop.owner.make("/costs/records", **call_of(earlier))
    # Events arrive in order: when this one is there, nothing of other tests is still to come.
    assert heard(before, 1, task_id=earlier)
    first, second, other = (bus.subscribed(name) for name in ("cost.recorded", "cost.recorded", "budget.warning"))
    both = bus.subscribed("budget.warning", "budget.exceeded")
    workshop.limit("0.009")
    call = call_of(task, agent_id=workshop.agent)
    records = [workshop.owner.make("/costs/records", **call) for _ in range(2)]
    for listening in (first, second):
        events = heard(listening, 2, task_id=task)
        assert [event["entity_id"] for event in events] == [record["id"] for record in records]
        assert len({event["event_id"] for event in events}) == 2
        for event, record in zip(events, records, strict=True):
            shared = {"task_id", "agent_id", "provider", "model", "total_tokens", "total_cost"}
            assert {name: event["payload"][name] for name in shared} == {name: record[name] for name in shared}
            assert event["payload"]["spec_id"] == workshop.spec
    alerts = heard(both, 2, scope_type="spec", scope_id=workshop.spec)
    assert [alert["event_type"] for alert in alerts] == ["budget.warning", "budget.exceeded"]
    assert heard(other, 1) == alerts[:1]
    assert other.get_message() is None


def test_two_instances_lose_double_and_reorder_nothing(
    owner: Person, work: Work, database_url: str, redis_url: str, db: DatabaseService
) -> None:
    """Under costs from eight callers at two instances the stream has every event once, in the outbox's order."""
    with instance(database_url, redis_url) as (second, _), ThreadPoolExecutor(8) as callers:
        records = list(callers.map(partial(spend, work), [owner, at(second, owner)] * 40))
        kept = Bus(redis_url).kept(work.project, db, len(records))
    with db.get_session() as session:
        placed = session.scalars(select(OutboxEvent.event_id).order_by(OutboxEvent.position)).all()
        waiting = session.scalars(select(OutboxEvent).where(OutboxEvent.published_at.is_(None))).all()
    assert [event["event_id"] for event in kept] == placed
    assert {event["entity_id"] for event in kept} == {record["id"] for record in records}
    assert waiting == []


def test_events_outlive_an_outage_of_the_bus_and_the_death_of_the_platform(
    database_url: str, db: DatabaseService
) -> None:
    """What was recorded while Redis was away is delivered when it is back, also by another process, in order."""
    port = embedded.free_port()
    url = f"redis://{embedded.LOOPBACK}:{port}/0"
    with instance(database_url, url) as (platform, process):
        owner = platform.person()
        work = start_work(owner, owner.make("/organizations", name="Keepers")["id"])
        records = [owner.make("/costs/records", **call_of(work.task))]
        with embedded.redis(port):
            assert [event["entity_id"] for event in Bus(url).kept(work.project, db, 1)] == [records[0]["id"]]
        records += [owner.make("/costs/records", **call_of(work.task)) for _ in range(3)]
        process.send_signal(signal.SIGKILL)
        process.wait()
    with embedded.redis(port), instance(database_url, url):
        kept = Bus(url).kept(work.project, db, 3)
        assert [event["entity_id"] for event in kept] == [record["id"] for record in records[1:]]


def test_recording_never_waits_for_the_bus(database_url: str) -> None:
    """A bus that takes connections and never answers costs the caller nothing."""
    with socket.create_server((embedded.LOOPBACK, 0)) as silent:
        url = f"redis://{embedded.LOOPBACK}:{silent.getsockname()[1]}/0"
        with instance(database_url, url) as (platform, _):
            owner = platform.person()
            work = start_work(owner, owner.make("/organizations", name="Keepers")["id"])
            seconds = sorted(_seconds(owner, work) for _ in range(9))
    assert seconds[4] < 0.25


def _seconds(person: Person, work: Work) -> float:
    """Measure one recording."""
    begun = time.monotonic()
    person.make("/costs/records", **call_of(work.task))
    return time.monotonic() - begun


@contextmanager
def following(person: Person, project: str, *, after: str | None = None) -> Generator[Iterator[tuple[str, Message]]]:
    """Follow a project's events; yields pairs of place and event, as they come."""
    headers = {"Authorization": f"Bearer {person.token}"} | ({"Last-Event-ID": after} if after else {})
    path = f"/api/v1/projects/{project}/events"
    with person.http.stream("GET", path, headers=headers, timeout=PATIENCE) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert next(lines) == ": following"
        yield _events(lines)


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Message]]:
    """Read the events of a stream."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], json.loads(fields["data"])
            fields = {}


def test_a_project_is_followed_from_where_one_was(owner: Person, work: Work) -> None:
    """A stream tells of this project's costs and alerts as they happen, and a later one goes on after the last."""
    other = start_work(owner, work.organization)
    with following(owner, work.project) as events:
        owner.make("/costs/records", **call_of(work.task))
        next(events)
    owner.make("/costs/budgets", scope_type="project", scope_id=work.project, limit_amount=0.0045)
    with following(owner, work.project) as events:
        owner.make("/costs/records", **call_of(other.task))
        record = owner.make("/costs/records", **call_of(work.task))
        told = [next(events) for _ in range(3)]
    assert [event["event_type"] for _, event in told] == ["cost.recorded", "budget.warning", "budget.exceeded"]
    assert told[0][1]["entity_id"] == record["id"]
    with following(owner, work.project, after=told[0][0]) as events:
        assert [next(events) for _ in range(2)] == told[1:]


def test_following_is_for_those_who_may_read(platform: Platform, owner: Person, work: Work) -> None:
    """Strangers find nothing, and the stream of who was removed ends while a viewer hears on."""
    viewer, removed = platform.person(), platform.person()
    path = f"/projects/{work.project}"
    assert platform.nobody().get(f"{path}/events").status_code == 401
    assert viewer.get(f"{path}/events").status_code == 404
    for person in (viewer, removed):
        owner.make(f"{path}/members", user_id=person.id, role="viewer")
    with following(removed, work.project) as unheard, following(viewer, work.project) as events:
        assert owner.ask("DELETE", f"{path}/members/{removed.id}").status_code == 204
        record = owner.make("/costs/records", **call_of(work.task))
        assert next(events)[1]["entity_id"] == record["id"]
        assert list(unheard) == []


def test_an_open_stream_does_not_hold_up_the_end(database_url: str, redis_url: str) -> None:
    """A platform that is asked to end does so while somebody follows."""
    with instance(database_url, redis_url) as (platform, process):
        owner = platform.person()
        work = start_work(owner, owner.make("/organizations", name="Keepers")["id"])
        with following(owner, work.project) as events:
            process.terminate()
            assert list(events) == []
            assert process.wait(PATIENCE / 2) is not None
