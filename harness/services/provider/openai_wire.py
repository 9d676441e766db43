"""OpenAI's chat completions, in one piece and streamed; a stream reports usage only to those who ask for it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.services.provider.interface import Asked, Document, Refused, Spoken, demand

CREATED: Final = 1_767_225_600
_KINDS: Final[Mapping[int, tuple[str, str | None]]] = {
    401: ("invalid_request_error", "invalid_api_key"),
    429: ("requests", "rate_limit_exceeded"),
}


class OpenAiWire:
    """POST /v1/chat/completions."""

    provider = "openai"
    path = "/v1/chat/completions"

    def read(self, document: Document, headers: Mapping[str, str]) -> Asked:
        """Read a request; it needs a bearer key, a model and messages."""
        if not headers.get("authorization", "").removeprefix("Bearer ").strip():
            raise Refused(401, "You didn't provide an API key.")
        demand(document, "messages", list)
        options = demand({"stream_options": document.get("stream_options") or {}}, "stream_options", dict)
        return Asked(
            provider=self.provider,
            model=demand(document, "model", str),
            streamed=bool(document.get("stream")),
            wants_usage=bool(options.get("include_usage")),
            text=json.dumps(document, ensure_ascii=False),
        )

    def whole(self, spoken: Spoken) -> Document:
        """A chat.completion."""
        message: Document = {"role": "assistant", "content": " ".join(spoken.words), "refusal": None}
        choice: Document = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(spoken)}
        return {**_head(spoken, "chat.completion"), "choices": [choice], "usage": _usage(spoken)}

    def events(self, spoken: Spoken) -> Iterator[bytes]:
        """Chunks of a chat.completion, closed by [DONE]."""
        extra = {"usage": None} if spoken.asked.wants_usage else {}
        head = {**_head(spoken, "chat.completion.chunk"), **extra}
        yield _event({**head, "choices": [_delta({"role": "assistant", "content": ""})]})
        for word in spoken.words:
            yield _event({**head, "choices": [_delta({"content": f"{word} "})]})
        yield _event({**head, "choices": [{**_delta({}), "finish_reason": _finish(spoken)}]})
        if spoken.asked.wants_usage:
            yield _event({**head, "choices": [], "usage": _usage(spoken)})
        yield b"data: [DONE]\n\n"

    def refusal(self, refused: Refused) -> Document:
        """An error object."""
        unforeseen = ("server_error" if refused.status >= 500 else "invalid_request_error", None)
        kind, code = _KINDS.get(refused.status, unforeseen)
        return {"error": {"message": refused.message, "type": kind, "param": None, "code": code}}


def _head(spoken: Spoken, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-conform{spoken.number:06}",
        "object": kind,
        "created": CREATED + spoken.number,
        "model": spoken.asked.model,
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _delta(delta: Document) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}


def _finish(spoken: Spoken) -> str:
    return "length" if spoken.cut_short else "stop"


def _usage(spoken: Spoken) -> Document:
    return {
        "prompt_tokens": spoken.prompt_tokens,
        "completion_tokens": spoken.completion_tokens,
        "total_tokens": spoken.prompt_tokens + spoken.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _event(chunk: Document) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()
