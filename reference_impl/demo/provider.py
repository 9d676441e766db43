"""A small LLM provider on loopback that speaks OpenAI's and Anthropic's protocols and remembers what it served.

Words in a conversation say how it goes: "(calls: 3)" has it end with the third response, one of several that are
cut short before, "(refused: 2)" has the second request refused, "(cached: 500)" reads so many tokens from a cache, and
"(counts: 0)" keeps OpenAI from saying how many tokens it used.
"""

import json
import re
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from zlib import crc32

LOOPBACK = "127.0.0.1"
KEY = "no key is secret here"
ROUTES = {"/v1/chat/completions": "openai", "/v1/messages": "anthropic"}
OPENAI, ANTHROPIC = ROUTES.values()
Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response: for whom, what it says, what it costs in tokens, and whether more is to come."""

    provider: str
    model: str
    streamed: bool
    conversation: str
    text: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cut_short: bool


class FakeProvider(ThreadingHTTPServer):
    """Serves while it is entered; `served` is what, in order."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Exchange)
        self.served: list[Response] = []
        self._door = threading.Event()
        self._door.set()
        self._waiting = threading.Semaphore(0)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True, name="provider").start()
        return self

    def __exit__(self, *_: object) -> None:
        self._door.set()
        self.shutdown()
        self.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead both official clients here."""
        url = f"http://{LOOPBACK}:{self.server_port}"
        keys = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
        return {**keys, "OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_BASE_URL": url}

    @contextmanager
    def shut(self) -> Generator[threading.Semaphore]:
        """Let requests wait while the block lasts; yields what counts those who do."""
        self._door.clear()
        try:
            yield self._waiting
        finally:
            self._door.set()

    def attend(self) -> None:
        """Return when the door is open; whoever has to wait for that is counted."""
        if not self._door.is_set():
            self._waiting.release()
            self._door.wait()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that leave early."""


class _Exchange(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        provider = ROUTES[self.path]
        server = cast("FakeProvider", self.server)
        asked: Document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.attend()
        if _call(asked) == _said(asked, "refused", default=0):
            self._send(400, _refusal())
            return
        response = _response(provider, asked)
        # Entered first: whoever has read an answer must find it here.
        server.served.append(response)
        if response.streamed:
            self._stream(_openai_events(response) if provider == OPENAI else _anthropic_events(response))
        else:
            self._send(200, _openai(response) if provider == OPENAI else _anthropic(response))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library names it so
        """Keep quiet."""

    def _send(self, status: int, document: Document) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            self.wfile.write(f"{event}\n\n".encode())
        self.close_connection = True


def _response(provider: str, asked: Document) -> Response:
    """Decide on a response; counts follow from the conversation, so that the same one costs the same again."""
    conversation = json.dumps(asked["messages"], ensure_ascii=False)
    drawn = crc32(conversation.encode())
    call = _call(asked)
    return Response(
        provider=provider,
        model=asked["model"],
        streamed=asked.get("stream", False),
        conversation=conversation,
        text=f"Part {call} is done.",
        prompt_tokens=1_000 + drawn % 4_001,
        completion_tokens=200 + drawn // 4_001 % 1_501,
        cached_tokens=_said(asked, "cached", default=0),
        cut_short=call < _said(asked, "calls", default=1),
    )


def _call(asked: Document) -> int:
    """Count the calls of a conversation, this one included."""
    return 1 + sum(message["role"] == "assistant" for message in asked["messages"])


def _said(asked: Document, word: str, *, default: int) -> int:
    """Read a number that a conversation names in parentheses."""
    found = re.search(rf"\({word}: (\d+)\)", json.dumps(asked["messages"]))
    return int(found[1]) if found else default


def _refusal() -> Document:
    """Refuse in words that both clients understand."""
    error = {"type": "invalid_request_error", "message": "The conversation asks to be refused here.", "code": None}
    return {"type": "error", "error": error}


def _openai(response: Response) -> Document:
    """Lay a response out as OpenAI does."""
    finish = "length" if response.cut_short else "stop"
    choice = {"index": 0, "message": {"role": "assistant", "content": response.text}, "finish_reason": finish}
    return {**_openai_head(response, "chat.completion"), "choices": [choice], "usage": _openai_usage(response)}


def _openai_events(response: Response) -> Iterator[str]:
    """Stream a response as OpenAI does, usage last."""
    head = _openai_head(response, "chat.completion.chunk")
    finish = "length" if response.cut_short else "stop"
    for word in response.text.split():
        yield _data({**head, "choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]})
    yield _data({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    yield _data({**head, "choices": [], "usage": _openai_usage(response)})
    yield "data: [DONE]"


def _openai_head(response: Response, kind: str) -> Document:
    return {"id": "chatcmpl-1", "object": kind, "created": 0, "model": response.model}


def _openai_usage(response: Response) -> Document | None:
    if "(counts: 0)" in response.conversation:
        return None
    total = response.prompt_tokens + response.completion_tokens
    counts = {"prompt_tokens": response.prompt_tokens, "completion_tokens": response.completion_tokens}
    return {**counts, "total_tokens": total, "prompt_tokens_details": {"cached_tokens": response.cached_tokens}}


def _anthropic(response: Response, **changes: Any) -> Document:
    """Lay a response out as Anthropic does."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": response.model,
        "content": [{"type": "text", "text": response.text}],
        "stop_reason": "max_tokens" if response.cut_short else "end_turn",
        "stop_sequence": None,
        "usage": _anthropic_usage(response, output_tokens=response.completion_tokens),
        **changes,
    }


def _anthropic_events(response: Response) -> Iterator[str]:
    """Stream a response as Anthropic does; the tokens that came out are known at its end only."""
    whole = _anthropic(response)
    begun = _anthropic_usage(response, output_tokens=1)
    message = _anthropic(response, content=[], stop_reason=None, usage=begun)
    yield _event("message_start", message=message)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for word in response.text.split():
        yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": f"{word} "})
    yield _event("content_block_stop", index=0)
    ending = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield _event("message_delta", delta=ending, usage={"output_tokens": response.completion_tokens})
    yield _event("message_stop")


def _anthropic_usage(response: Response, *, output_tokens: int) -> Document:
    """Count as Anthropic does: what came out of a cache is no part of the input tokens."""
    fresh = response.prompt_tokens - response.cached_tokens
    return {"input_tokens": fresh, "cache_read_input_tokens": response.cached_tokens, "output_tokens": output_tokens}


def _data(chunk: Document) -> str:
    return f"data: {json.dumps(chunk)}"


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\n" + _data({"type": kind, **fields})
