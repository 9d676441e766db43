"""The provider stub fails, waits, and counts as it was told to."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx
import pytest

from harness.services.provider.stub import ProviderStub

PATHS: Final = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}
HEADERS: Final = {"Authorization": "Bearer conform", "x-api-key": "conform", "anthropic-version": "2023-06-01"}


@pytest.fixture
def stub() -> Iterator[ProviderStub]:
    """A stub of its own for a test."""
    with ProviderStub("a seed") as opened:
        yield opened


def ask(stub: ProviderStub, words: str, *, provider: str = "openai", stream: bool = False) -> httpx.Response:
    """Ask once, without a client that would ask again."""
    asked = {"model": "m", "max_tokens": 10, "stream": stream, "messages": [{"role": "user", "content": words}]}
    return httpx.post(stub.url + PATHS[provider], json=asked, headers=HEADERS, trust_env=False, timeout=30.0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("provider", PATHS)
def test_a_conversation_may_break_off(stub: ProviderStub, provider: str, stream: bool) -> None:
    """So many responses ask to be asked on, and then there is no more than an error in the provider's own shape."""
    stub.expect("task-one", calls=3)
    stub.fail("task-one", after=2, status=500)
    answers = [ask(stub, "task-one", provider=provider, stream=stream) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 500, 500, 500, 500]
    assert all("length" in answer.text or "max_tokens" in answer.text for answer in answers[:2])
    assert answers[-1].json()["error"]["type"] == {"openai": "server_error", "anthropic": "api_error"}[provider]
    assert (len(stub.served("task-one")), stub.arrived("task-one")) == (2, 6)


def test_a_conversation_that_failed_may_be_planned_anew(stub: ProviderStub) -> None:
    """What is expected of it afterwards is served."""
    stub.fail("task-one", after=0, status=400)
    assert ask(stub, "task-one").status_code == 400
    stub.expect("task-one", calls=1)
    assert ask(stub, "task-one").json()["choices"][0]["finish_reason"] == "stop"


def test_a_conversation_that_fails_takes_no_turn_of_another(stub: ProviderStub) -> None:
    """Words of a task that broke off may be told again, and the one still to do is served all the same."""
    stub.expect("task-that-broke-off", calls=2)
    stub.fail("task-that-broke-off", after=1, status=400)
    assert ask(stub, "task-that-broke-off").is_success
    stub.expect("task-two", calls=1)
    assert ask(stub, "after task-that-broke-off comes task-two").is_success
    assert len(stub.served("task-two")) == 1


def test_a_response_counts_as_it_was_told_to(stub: ProviderStub) -> None:
    """The first responses took the tokens that were given, and the next ones have counts of their own again."""
    stub.expect("task-one", calls=3, counts=[(7, 3), (7, 3)])
    usage = [ask(stub, "task-one").json()["usage"] for _ in range(3)]
    told = [(one["prompt_tokens"], one["completion_tokens"]) for one in usage]
    assert told[:2] == [(7, 3), (7, 3)]
    assert told[2] != (7, 3)
    assert [(one.prompt_tokens, one.completion_tokens) for one in stub.served("task-one")] == told


def test_a_response_may_be_kept_back(stub: ProviderStub) -> None:
    """It arrives and is not served until it is let go, while others are served."""
    stub.expect("task-one", calls=1)
    with ThreadPoolExecutor(1) as callers, stub.holding("task-one"):
        waiting = callers.submit(ask, stub, "task-one", stream=True)
        assert stub.await_request("task-one", seconds=30.0)
        assert ask(stub, "task-two").is_success
        assert stub.is_waited_for("task-one")
    assert waiting.result().is_success
    assert len(stub.served("task-one")) == 1
    assert not stub.is_waited_for("task-one")


def test_a_response_is_not_kept_back_for_ever(stub: ProviderStub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks is answered in the end."""
    monkeypatch.setattr("harness.services.provider.server._HOLD_SECONDS", 0.1)
    began = time.monotonic()
    stub.expect("task-one", calls=1)
    with stub.holding("task-one"):
        assert ask(stub, "task-one").is_success
    assert time.monotonic() - began >= 0.1


def test_a_request_that_does_not_come_is_not_awaited_for_ever(stub: ProviderStub) -> None:
    """Nobody asked, and that is said."""
    assert not stub.await_request("task-one", seconds=0.05)
