"""The provider stub, called by the official clients in a process of their own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import ledger
from harness.observe.ledger import Ledger
from harness.services.provider.stub import ProviderStub

CHAT: Final = "/v1/chat/completions"
KEY: Final = {"Authorization": "Bearer conform"}

# The harness may not import the clients, so a process of its own does: one line of JSON for each response or error.
CLIENTS: Final = """
import json, sys
url, client, way, words = sys.argv[1:]
said = [{"role": "user", "content": words}]

def openai_call():
    import openai
    with openai.OpenAI(base_url=url + "/v1", api_key="conform") as api:
        make = api.chat.completions.create
        if way == "plain":
            got = make(model="gpt-5-nano", messages=said)
            return got.choices[0].finish_reason, got.model, got.usage
        options = {"include_usage": True} if way == "stream" else {}
        chunks = list(make(model="gpt-5-nano", messages=said, stream=True, stream_options=options))
        reason = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1]
        return reason, chunks[0].model, chunks[-1].usage

def anthropic_call():
    import anthropic
    asked = {"model": "claude-haiku-4.5", "messages": said, "max_tokens": 100}
    with anthropic.Anthropic(base_url=url, api_key="conform") as api:
        if way == "plain":
            got = api.messages.create(**asked)
        else:
            with api.messages.stream(**asked) as stream:
                got = stream.get_final_message()
        return got.stop_reason, got.model, got.usage

call = {"openai": openai_call, "anthropic": anthropic_call}[client]
while True:
    try:
        reason, model, usage = call()
    except Exception as error:
        print(json.dumps({"error": type(error).__name__, "body": getattr(error, "body", None)}))
        break
    counts = usage.model_dump() if usage else {}
    print(json.dumps({"reason": reason, "model": model, "usage": counts}))
    if reason not in ("length", "max_tokens"):
        break
"""
PROMPT: Final = {"openai": "prompt_tokens", "anthropic": "input_tokens"}
COMPLETION: Final = {"openai": "completion_tokens", "anthropic": "output_tokens"}
ENDINGS: Final = {"openai": ["length", "length", "stop"], "anthropic": ["max_tokens", "max_tokens", "end_turn"]}


@pytest.fixture
def stub() -> Iterator[ProviderStub]:
    """A stub of its own for a test."""
    with ProviderStub("a seed") as opened:
        yield opened


def converse(stub: ProviderStub, client: str, way: str, words: str) -> list[dict[str, Any]]:
    """Let an official client ask until its answer is not cut short."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", CLIENTS, stub.url, client, way, words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask(stub: ProviderStub, words: str, *, seconds: float = 10.0) -> httpx.Response:
    """Ask as OpenAI is asked, without a client of its own."""
    asked = {"model": "gpt-5-nano", "messages": [{"role": "user", "content": words}]}
    return httpx.post(stub.url + CHAT, json=asked, headers=KEY, timeout=seconds, trust_env=False)


@pytest.mark.parametrize("way", ["plain", "stream"])
@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_a_conversation_goes_on_until_its_last_response(stub: ProviderStub, client: str, way: str) -> None:
    """All but the last response are cut short, and the client sees the counts that the stub keeps."""
    stub.expect("task-one", calls=3)
    heard = converse(stub, client, way, "please work on task-one now")
    assert [one["reason"] for one in heard] == ENDINGS[client]
    served = stub.served("task-one")
    assert [(one.prompt_tokens, one.completion_tokens) for one in served] == [
        (one["usage"][PROMPT[client]], one["usage"][COMPLETION[client]]) for one in heard
    ]
    assert {(one.provider, one.model, one.streamed) for one in served} == {(client, heard[0]["model"], way == "stream")}


def test_a_stream_reports_usage_only_to_who_asks(stub: ProviderStub) -> None:
    """As with OpenAI, a stream without include_usage holds no counts, and was served all the same."""
    stub.expect("task-one", calls=1)
    assert converse(stub, "openai", "silent stream", "task-one")[0]["usage"] == {}
    assert len(stub.served("task-one")) == 1


@pytest.mark.parametrize(("client", "kind"), [("openai", "invalid_request_error"), ("anthropic", "not_found_error")])
def test_a_refusal_has_the_shape_of_its_provider(stub: ProviderStub, client: str, kind: str) -> None:
    """The official client understands the error, and nothing was served though a request came."""
    stub.refuse("task-one", 404)
    heard = converse(stub, client, "plain", "task-one")
    assert heard[0]["error"] == "NotFoundError"
    assert kind in json.dumps(heard[0]["body"])
    assert (stub.served("task-one"), stub.arrived("task-one")) == ((), 1)


def test_a_refused_client_is_served_when_it_asks_again(stub: ProviderStub) -> None:
    """A refusal that passes is retried by the official client, and only what was served is in the ledger."""
    stub.expect("task-one", calls=1)
    stub.refuse("task-one", 429, 503)
    assert converse(stub, "openai", "plain", "task-one")[0]["reason"] == "stop"
    assert (len(stub.served("task-one")), stub.arrived("task-one")) == (1, 3)


def test_counts_are_unique_in_a_run(stub: ProviderStub) -> None:
    """No count and no sum occurs twice, also among callers at once."""
    asked: dict[str, object] = {"model": "gpt-5-nano", "messages": []}
    with httpx.Client(headers=KEY, trust_env=False) as client, ThreadPoolExecutor(8) as callers:
        for answer in [callers.submit(client.post, stub.url + CHAT, json=asked) for _ in range(600)]:
            assert answer.result().is_success
    served = stub.served()
    counts = [(one.prompt_tokens, one.completion_tokens, one.prompt_tokens + one.completion_tokens) for one in served]
    assert len({count for row in counts for count in row}) == 3 * len(served) == 1800


def test_the_same_seed_serves_the_same_counts() -> None:
    """A conversation's counts depend on the seed, its words and its turn, not on who else calls."""
    rows: list[tuple[int, int]] = []
    for others in (0, 3):
        with ProviderStub("another seed") as stub:
            for number in range(others):
                ask(stub, f"noise {number}")
            stub.expect("task-one", calls=1)
            ask(stub, "task-one")
            rows += [(one.prompt_tokens, one.completion_tokens) for one in stub.served("task-one")]
    assert rows[0] == rows[1]


def test_a_client_that_left_was_not_served(stub: ProviderStub) -> None:
    """Who hangs up before the response has a request that arrived and no call that was served."""
    stub.expect("task-one", calls=1)
    stub.delay_seconds = 2.0
    with pytest.raises(httpx.ReadTimeout):
        ask(stub, "task-one", seconds=0.1)
    assert (stub.served("task-one"), stub.arrived("task-one")) == ((), 1)


def test_a_client_that_left_in_the_middle_of_a_stream_was_not_served(stub: ProviderStub) -> None:
    """Who hangs up after the first event is not served, and the next who asks takes its turn."""
    stub.expect("task-one", calls=1)
    stub.delay_seconds = 1.0
    asked = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "task-one"}]}
    with httpx.stream("POST", stub.url + CHAT, json=asked, headers=KEY, trust_env=False) as response:
        next(response.iter_lines())
    assert stub.served("task-one") == ()
    stub.delay_seconds = 0.0
    assert ask(stub, "task-one").json()["choices"][0]["finish_reason"] == "stop"


def test_a_response_takes_as_long_as_it_is_told_to(stub: ProviderStub) -> None:
    """The delay holds for every response, and the ledger waits for what is under way."""
    stub.expect("task-one", calls=1)
    stub.delay_seconds = 0.3
    began = time.monotonic()
    with ThreadPoolExecutor(1) as callers:
        callers.submit(ask, stub, "task-one")
        while not stub.arrived("task-one"):
            time.sleep(0.01)
        assert len(stub.served("task-one")) == 1
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("streamed", [False, True])
def test_one_conversation_may_wait_while_others_are_served(stub: ProviderStub, streamed: bool) -> None:
    """Its response begins no sooner than planned, and another one's begins and ends meanwhile."""
    stub.expect("task-slow", calls=1, latency_seconds=0.5)
    stub.expect("task-quick", calls=1)
    asked = {"model": "m", "stream": streamed, "messages": [{"role": "user", "content": "task-slow"}]}
    began = time.monotonic()
    with ThreadPoolExecutor(1) as callers:
        slow = callers.submit(httpx.post, stub.url + CHAT, json=asked, headers=KEY, trust_env=False)
        while not stub.arrived("task-slow"):
            time.sleep(0.01)
        ask(stub, "task-quick")
        assert slow.result().is_success
    (first,), (last,) = stub.served("task-quick"), stub.served("task-slow")
    assert (first.number, last.number) == (1, 2)
    assert last.at - began >= 0.5


def test_a_longer_marker_is_not_taken_for_its_beginning(stub: ProviderStub) -> None:
    """Of two conversations whose words begin alike, each gets its own responses."""
    stub.expect("task-1", calls=1)
    stub.expect("task-12", calls=1)
    ask(stub, "do task-12")
    assert (len(stub.served("task-1")), len(stub.served("task-12"))) == (0, 1)


def test_words_of_an_earlier_task_do_not_take_the_turn_of_this_one(stub: ProviderStub) -> None:
    """A platform may tell its agent of tasks that are done; the conversation is that of the task still to do."""
    stub.expect("task-earlier", calls=1)
    ask(stub, "task-earlier")
    stub.expect("task-x", calls=1)
    ask(stub, "after task-earlier comes task-x")
    assert (len(stub.served("task-earlier")), len(stub.served("task-x"))) == (1, 1)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{}", {}, 401),
        ("{}", KEY, 400),
        ("nonsense", KEY, 400),
        ("[]", KEY, 400),
        ('{"model": "m", "messages": [], "stream_options": 7}', KEY, 400),
        ("", KEY, 400),
    ],
)
def test_what_the_provider_would_not_take_is_refused(
    stub: ProviderStub, body: str, headers: dict[str, str], status: int
) -> None:
    """A request without a key, a body or its fields is answered with an error and served nothing."""
    answer = httpx.post(stub.url + CHAT, content=body, headers=headers, trust_env=False)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert stub.served() == ()


def test_the_ledger_shows_that_it_was_alive(stub: ProviderStub) -> None:
    """That nothing came is told beside a call of our own that did."""
    journal = Journal()
    stub.expect("task-one", calls=1)
    assert Ledger(journal, stub).none("task-one")
    ask(stub, "task-one")
    assert not Ledger(journal, stub).none("task-one")
    assert len(Ledger(journal, stub).calls("task-one")) == 1
    assert [(reading.observed, reading.examined) for reading in journal.readings] == [(0, 1), (1, 3), (1, 1)]


def test_a_stub_that_is_closed_has_no_sign_of_life() -> None:
    """Nothing may rest on a provider that serves no call of ours."""
    with ProviderStub("a seed") as stub:
        assert ledger.canary(stub)
    assert not ledger.canary(stub)
    with pytest.raises(CannotTell):
        Ledger(Journal(), stub).none("task-one")


def test_no_conversation_outlives_the_stub() -> None:
    """A connection that is kept open is closed with the server."""
    with ProviderStub("a seed") as stub:
        connection = socket.create_connection(("127.0.0.1", int(stub.url.rpartition(":")[2])))
        connection.sendall(b"POST")
        time.sleep(0.1)
    with connection:
        connection.settimeout(5)
        assert connection.recv(1) == b""
