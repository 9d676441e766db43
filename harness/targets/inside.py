"""The services of one platform instance as its own code uses them: in its own Python, on the instance's servers."""

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from pydantic import TypeAdapter

from harness.interpreter.client import Worker

CALL_SECONDS: Final = 60.0

T = TypeVar("T")


class Inside:
    """A worker beside a running instance, started when it is first asked; questions are answered one at a time."""

    def __init__(self, python: str, source: Path, *, env: Mapping[str, str]) -> None:
        self._worker = Worker(python, source, env=env)
        self._started = False
        self._lock = Lock()

    def call(self, command: str, shape: TypeAdapter[T], **arguments: object) -> T:
        """Run one command of the worker; WorkerRefused when the platform's code raised, CannotTell as the worker."""
        with self._lock:
            if not self._started:
                self._worker.__enter__()
                self._started = True
            return self._worker.call(command, shape, deadline=CALL_SECONDS, **arguments)

    def close(self) -> None:
        """End the worker at once, if it was ever asked, whatever it is doing."""
        if self._started:
            self._worker.close()
