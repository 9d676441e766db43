"""Free ports of the loopback interface, taken again when somebody was quicker."""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from harness.services.failure import PortTaken
from harness.services.loopback import LOOPBACK

__all__ = ["LOOPBACK", "free_port", "kept_port", "on_free_port"]

ATTEMPTS = 5
Started = TypeVar("Started")


def free_port() -> int:
    """A port that nobody listens on now; somebody may a moment later."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def kept_port() -> Generator[int]:
    """A port that nobody else is given meanwhile; a program of ours may listen on it all the same."""
    with socket.socket() as holder:
        holder.bind((LOOPBACK, 0))
        # Only now: sockets that all say this from the start may be given the same port.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        yield int(holder.getsockname()[1])


def on_free_port(start: Callable[[int], Started], pick_port: Callable[[], int] = free_port) -> Started:
    """Start something on a free port, and on another one when that was taken in between."""
    for _ in range(ATTEMPTS - 1):
        try:
            return start(pick_port())
        except PortTaken:
            continue
    return start(pick_port())
