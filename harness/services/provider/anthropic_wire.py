"""Anthropic's messages, in one piece and streamed; a stream names the output tokens only towards its end."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.services.provider.interface import Asked, Document, Refused, Spoken, demand

_KINDS: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class AnthropicWire:
    """POST /v1/messages."""

    provider = "anthropic"
    path = "/v1/messages"

    def read(self, document: Document, headers: Mapping[str, str]) -> Asked:
        """Read a request; it needs a key, the protocol's version, a model, messages and how many tokens at most."""
        if not (headers.get("x-api-key") or headers.get("authorization")):
            raise Refused(401, "x-api-key header is required")
        if not headers.get("anthropic-version"):
            raise Refused(400, "anthropic-version: header is required")
        demand(document, "messages", list)
        demand(document, "max_tokens", int)
        return Asked(
            provider=self.provider,
            model=demand(document, "model", str),
            streamed=bool(document.get("stream")),
            wants_usage=True,
            text=json.dumps(document, ensure_ascii=False),
        )

    def whole(self, spoken: Spoken) -> Document:
        """A message."""
        content = [{"type": "text", "text": " ".join(spoken.words)}]
        return {
            **_head(spoken),
            "content": content,
            "stop_reason": _stop(spoken),
            "usage": _usage(spoken, spoken.completion_tokens),
        }

    def events(self, spoken: Spoken) -> Iterator[bytes]:
        """The named events of a message, from its start to its stop."""
        # The first count of output tokens is no more than a beginning, as the real one's is.
        start: Document = {**_head(spoken), "content": [], "stop_reason": None, "usage": _usage(spoken, 1)}
        yield _event("message_start", message=start)
        yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield _event("ping")
        for word in spoken.words:
            yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": f"{word} "})
        yield _event("content_block_stop", index=0)
        ending = {"stop_reason": _stop(spoken), "stop_sequence": None}
        yield _event("message_delta", delta=ending, usage={"output_tokens": spoken.completion_tokens})
        yield _event("message_stop")

    def refusal(self, refused: Refused) -> Document:
        """An error envelope."""
        unforeseen = "api_error" if refused.status >= 500 else "invalid_request_error"
        error = {"type": _KINDS.get(refused.status, unforeseen), "message": refused.message}
        return {"type": "error", "error": error, "request_id": "req_conform"}


def _head(spoken: Spoken) -> dict[str, Any]:
    return {
        "id": f"msg_conform{spoken.number:06}",
        "type": "message",
        "role": "assistant",
        "model": spoken.asked.model,
        "stop_sequence": None,
    }


def _stop(spoken: Spoken) -> str:
    return "max_tokens" if spoken.cut_short else "end_turn"


def _usage(spoken: Spoken, output_tokens: int) -> Document:
    return {
        "input_tokens": spoken.prompt_tokens,
        "output_tokens": output_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "service_tier": "standard",
    }


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
