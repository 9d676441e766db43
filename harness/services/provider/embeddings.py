"""OpenAI's embeddings, of which the book knows nothing: they belong to no conversation, and no task is charged them."""

import base64
import json
import math
import struct
from collections.abc import Sequence
from random import Random
from typing import Any, Final, cast

from harness.services.provider.interface import Document, Refused, demand

PATH: Final = "/v1/embeddings"
_DIMENSIONS: Final = 1536
_MOST_DIMENSIONS: Final = 4096


def answer(document: Document) -> Document:
    """A vector of length one for each text, the same for the same text; Refused when the provider would not take it."""
    model, texts, size = demand(document, "model", str), _texts(document), _size(document)
    packed = document.get("encoding_format") == "base64"
    vectors = [_vector(text, size) for text in texts]
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
        for index, vector in enumerate(vectors)
    ]
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _texts(document: Document) -> Sequence[str]:
    """What is to be embedded: one text or several, or the numbers of their tokens."""
    given: Any = document.get("input")
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not given:
        raise Refused(400, "input: a text or a list is required")
    several = cast("list[object]", given)
    if all(isinstance(one, int) for one in several):
        several = [several]
    return [one if isinstance(one, str) else json.dumps(one) for one in several]


def _size(document: Document) -> int:
    size = document.get("dimensions")
    if size is None:
        return _DIMENSIONS
    if not isinstance(size, int) or not 0 < size <= _MOST_DIMENSIONS:
        raise Refused(400, f"dimensions: a number from 1 to {_MOST_DIMENSIONS} is required")
    return size


def _vector(text: str, size: int) -> list[float]:
    random = Random(text)  # noqa: S311 - drawn from the text on purpose
    drawn = [random.gauss(0, 1) for _ in range(size)]
    length = math.hypot(*drawn)
    return [one / length for one in drawn]


def _packed(vector: Sequence[float]) -> str:
    """As the official client asks for it: 32-bit numbers, the lowest byte first."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
