"""Listens to a stream of events for as long as somebody cares, whatever becomes of who opened it."""

import socket
from contextlib import suppress
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Self

import httpx

from harness.observe.traces import Marks

_END_SECONDS: Final = 5.0


class Following:
    """One open stream, read in the background. Use it in a `with`."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._text = ""
        self._ended = False
        self._news = Condition()
        # It began in time; from here on it may be silent for as long as it likes.
        answer.request.extensions["timeout"]["read"] = None
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection: socket.socket = self._answer.extensions["network_stream"].get_extra_info("socket")
        # Closing alone would leave the listener waiting for what never comes.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        self._listener.join(_END_SECONDS)
        self._answer.close()

    @property
    def told(self) -> bool:
        """Whether it has told of anything yet; a comment that keeps it open is nothing."""
        with self._news:
            return any(line.startswith("data") for line in self._text.splitlines())

    def shows(self, marks: Marks, seconds: float) -> bool:
        """Whether it shows any of these numbers by a deadline; one that has ended is not waited for."""
        with self._news:
            self._news.wait_for(lambda: self._ended or self._shown(marks), seconds)
            return self._shown(marks)

    def _shown(self, marks: Marks) -> bool:
        return bool(marks.in_text(self._text).numbers)

    def _listen(self) -> None:
        with suppress(httpx.HTTPError, httpx.StreamError, OSError):
            for part in self._answer.iter_text():
                self._tell(part)
        self._tell("", ended=True)

    def _tell(self, part: str, *, ended: bool = False) -> None:
        with self._news:
            self._text += part
            self._ended = ended
            self._news.notify_all()
