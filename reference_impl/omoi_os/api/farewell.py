"""Farewell: knowing that the process is asked to end before the server waits for its streams."""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ENDINGS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def announced(farewell: Callable[[], None]) -> Generator[None]:
    """Call `farewell` as soon as a signal asks the process to end, then let the server act on it as ever.

    A server ends the application after the last open stream, and a stream of events has no end of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {number: signal.getsignal(number) for number in ENDINGS}

    def asked(number: int, frame: FrameType | None) -> None:
        farewell()
        server = earlier[signal.Signals(number)]
        if callable(server):
            server(number, frame)

    for number in ENDINGS:
        signal.signal(number, asked)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
