"""Free ports of the loopback interface, taken again when somebody was quicker."""

import socket
from collections.abc import Callable
from typing import TypeVar

from harness.services.failure import PortTaken

LOOPBACK = "127.0.0.1"
ATTEMPTS = 5
Started = TypeVar("Started")


def free_port() -> int:
    """A port that nobody listens on now; somebody may a moment later."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def on_free_port(start: Callable[[int], Started], pick_port: Callable[[], int] = free_port) -> Started:
    """Start something on a free port, and on another one when that was taken in between."""
    for _ in range(ATTEMPTS - 1):
        try:
            return start(pick_port())
        except PortTaken:
            continue
    return start(pick_port())
