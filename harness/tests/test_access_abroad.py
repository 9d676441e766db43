"""Who administers something else is seen to be shown our sums, and not blamed for what everybody is told."""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, cast

import pytest

from harness.journal import Journal
from harness.observe import filling, operations, sums
from harness.observe.doorway import House
from harness.observe.filling import Cast
from harness.probes.access import Access, Insiders, Shared

# The last of them is another organisation's.
COSTS: Final = [
    {"agent_id": agent, "prompt_tokens": 12_347, "completion_tokens": 222, "total_tokens": 12_569}
    | dict.fromkeys(("prompt_cost", "completion_cost"), 1.25)
    | {"total_cost": 2.5}
    for agent in ("ours", "ours", "theirs")
]
OURS: Final = 2 * 12_347
ALL: Final = 3 * 12_347
_SCOPE: Final = {"name": "scope_type", "in": "query", "required": True, "schema": {"type": "string"}}
_GET: Final = {"parameters": [_SCOPE], "responses": {"200": {"description": "the sum"}}}
DESCRIPTION: Final[dict[str, Any]] = {"openapi": "3.1.0", "paths": {"/costs/summary": {"get": _GET}}}


class _Installation(ThreadingHTTPServer):
    """Two organisations: each is told what belongs to it, and what is everybody's."""

    def __init__(self, told: dict[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.told = told


class _Request(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Sum up what somebody's organisation cost."""
        who = self.headers.get("Authorization", "").removeprefix("Bearer ")
        told = cast("_Installation", self.server).told[who]
        document = {"tokens": told, "at": int(time.time()), "build": 20_260_714, "most": 77_777}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library calls it so
        """Say nothing."""


@contextmanager
def serving(told: dict[str, int]) -> Generator[str]:
    """An installation that tells so many tokens to each token."""
    with _Installation(told) as installation:
        thread = Thread(target=installation.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{installation.server_port}"
        finally:
            installation.shutdown()
            thread.join()


def shared(*, ours: int, theirs: int, journal: Journal) -> tuple[Shared, ...]:
    """What the instrument sees of an installation that tells so many tokens."""
    filled = filling.fill(operations.listed(DESCRIPTION), Cast(ids={}))
    added = sums.of([(cost, None) for cost in COSTS])
    with serving({"ours": ours, "theirs": theirs}) as url:
        access = Access(journal, House(url=url), filled, Insiders(told={}))
        return access.abroad("an owner elsewhere", "theirs", "ours", added)


def test_a_clock_and_a_setting_are_everybodys() -> None:
    """Both administrators are told them, and no cost is among them."""
    journal = Journal()
    assert not shared(ours=OURS, theirs=12_347, journal=journal)
    assert journal.readings[0].examined


@pytest.mark.parametrize("leaked", [OURS, ALL])
def test_a_sum_that_holds_our_costs_is_seen(leaked: int) -> None:
    """Our own, told to somebody else, and that of the whole installation, told to both."""
    seen = shared(ours=leaked, theirs=leaked, journal=Journal())
    assert seen
    assert {number for one in seen for number in one.numbers} == {str(leaked)}


def test_an_answer_without_any_cost_is_not_compared() -> None:
    """Of what our own administrator is not told, nothing follows."""
    journal = Journal()
    assert not shared(ours=54_321, theirs=54_321, journal=journal)
    assert not journal.readings[0].examined
