"""Who is removed is seen to be shown a project still, by a stream or by a look, and not where it is closed to them."""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Final, cast

import pytest

from harness.journal import Journal
from harness.observe import filling, operations
from harness.observe.filling import Cast
from harness.observe.traces import Marks
from harness.probes import departure
from harness.probes.departure import Aftermath, Deeds, Departure

FIRST: Final = 1234567
LATE_SECONDS: Final = {"leaving": 3.0, "staying": 1.0}
DESCRIPTION: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "paths": {
        "/costs": {"get": {"responses": {"200": {"content": {"application/json": {}}}}}},
        "/events": {"get": {"responses": {"200": {"content": {"text/event-stream": {}}}}}},
    },
}


class _Project(ThreadingHTTPServer):
    """A project with members and costs, whose defects are what it forgets about a removal."""

    daemon_threads = True

    def __init__(self, defects: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.defects = defects
        self.members = {"leaving", "staying"}
        self.costs: list[int] = []
        self.news = Condition()
        self.closed = False

    def spend(self) -> Marks:
        """Record a cost that nothing else is like."""
        with self.news:
            self.costs.append(FIRST + 1001 * len(self.costs))
            self.news.notify_all()
            return Marks.of(numbers=(self.costs[-1],), words=())

    def recognise(self) -> Marks:
        """Every cost."""
        return Marks.of(numbers=self.costs, words=())

    def remove(self) -> None:
        """Let one of the two go."""
        self.members.discard("leaving")

    def end(self) -> None:
        """End every stream."""
        with self.news:
            self.closed = True
            self.news.notify_all()


class _Request(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Show the costs, or tell of them one by one."""
        project = cast("_Project", self.server)
        who = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if who not in project.members and "remembered" not in project.defects:
            self.send_error(404)
            return
        refuses = "refusing" in project.defects or (who == "leaving" and "refusing-one" in project.defects)
        if self.path == "/events" and refuses:
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/events":
            self._listen(project, who)
        else:
            self.wfile.write(json.dumps(project.costs).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library calls it so
        """Say nothing."""

    def _listen(self, project: _Project, who: str) -> None:
        if "of-other-things" in project.defects:
            self.wfile.write(b"data: started\n\n")
        if {"silent", "of-other-things"} & set(project.defects):
            with project.news:
                project.news.wait_for(lambda: project.closed)
        else:
            self._tell(project, who)

    def _tell(self, project: _Project, who: str) -> None:
        told = 0
        while not project.closed:
            with project.news:
                while not project.closed and len(project.costs) == told:
                    project.news.wait()
                costs, told = project.costs[told:], len(project.costs)
            if "late" in project.defects:
                time.sleep(LATE_SECONDS[who])
            if who not in project.members and "streams-on" not in project.defects:
                return
            self.wfile.write(b"".join(b"data: %d\n\n" % cost for cost in costs))
            self.wfile.flush()


@contextmanager
def served(*defects: str) -> Generator[_Project]:
    """A project with these defects."""
    with _Project(defects) as project:
        thread = Thread(target=project.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield project
        finally:
            project.end()
            project.shutdown()
            thread.join()


def watched(*defects: str, streams: bool = True) -> Aftermath:
    """What is seen at a project with these defects."""
    listed = [one for one in operations.listed(DESCRIPTION) if streams or not one.streams]
    with served(*defects) as project:
        instrument = Departure(Journal(), f"http://127.0.0.1:{project.server_port}", filling.fill(listed, Cast(ids={})))
        deeds = Deeds(remove=project.remove, spend=project.spend, recognise=project.recognise)
        return instrument.watch("leaving", "staying", deeds)


def test_a_project_that_closes_behind_somebody_leaks_nothing() -> None:
    """Both ways showed it before, and who stays is told further."""
    seen = watched()
    assert (seen.leaked, seen.before, seen.silent) == ((), ("GET /events", "GET /costs"), ())


@pytest.mark.parametrize(("defect", "label"), [("streams-on", "GET /events"), ("remembered", "GET /costs answered")])
def test_a_way_that_stays_open_is_seen(defect: str, label: str) -> None:
    """By a stream that was opened before, and by asking once more."""
    (leak,) = watched(defect).leaked
    assert leak.startswith(label)


@pytest.mark.parametrize(
    ("defect", "unheard"),
    [("silent", ("GET /events",)), ("refusing-one", ("GET /events",)), ("of-other-things", ()), ("refusing", ())],
)
def test_a_stream_that_tells_not_both_members_of_a_cost_is_not_passed_over(
    defect: str, unheard: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is none for members, or is seen to be about something else."""
    monkeypatch.setattr(departure, "AWAIT_SECONDS", 0.5)
    seen = watched(defect)
    assert (seen.before, seen.unheard) == (("GET /costs",), unheard)


def test_who_leaves_is_listened_to_for_longer_than_who_stays_had_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream may look for news at times only, and at other times for each of those who follow it."""
    monkeypatch.setattr(departure, "ARRIVAL_SECONDS", 0.0)
    assert watched("streams-on", "late").leaked == ("GET /events",)


def test_without_a_stream_it_is_looked_where_costs_are_shown() -> None:
    """A platform need not have streams."""
    seen = watched(streams=False)
    assert (seen.leaked, seen.before) == ((), ("GET /costs",))
    assert watched("remembered", streams=False).leaked
