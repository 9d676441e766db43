"""Runs commands at the same time, each in a thread of its own, as the callers of a service do."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def answers(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What becomes of each request, as it would alone; one that is alone needs no thread."""
    answer = sys.modules["__main__"].answer
    if len(requests) == 1:
        return [answer(requests[0])]
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(answer, requests))
