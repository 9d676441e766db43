"""What runs beside one platform instance: its services as its own code uses them, and programs of its source."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from harness.errors import CannotTell
from harness.interpreter.client import Question, Worker, decoded
from harness.services.program import Launch
from harness.services.room import Process, Room

# Its first call loads the services, which takes a large platform most of a minute.
CALL_SECONDS: Final = 150.0
# What every process of a platform is given, whatever it is to do.
_OF_ANY: Final = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "PYTHONDONTWRITEBYTECODE")
# As many callers as a platform's service is ever asked by at the same time.
_AT_ONCE: Final = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question, and where its answer is awaited."""

    question: Question
    answer: Future[Any] = field(default_factory=Future[Any])


class Inside:
    """A worker beside a running instance, started when it is first asked, and anew when it was lost.

    Questions of several callers are put to it together, and the platform's code answers them at the same time.
    """

    def __init__(self, python: str, source: Path, *, env: Mapping[str, str], room: Room | None = None) -> None:
        self.source = source
        self._env = env
        self._room = room
        self._worker = Worker(python, source, env=env)
        self._asked: SimpleQueue[_Asked] = SimpleQueue()
        # One thread for as long as there may be questions: a worker ends with the thread that started it.
        self._desk = ThreadPoolExecutor(1)
        self._closed = False

    @property
    def folder(self) -> Path:
        """Where whatever runs beside the instance may write."""
        return Path(self._env["TMPDIR"])

    def call(self, command: str, shape: TypeAdapter[T], **arguments: object) -> T:
        """Run one command of the worker; WorkerRefused when the platform's code raised, CannotTell as the worker."""
        asked = _Asked(question=Question(command=command, arguments=arguments))
        self._asked.put(asked)
        try:
            self._desk.submit(self._answer)
        except RuntimeError:
            raise _ended(command) from None
        return decoded(shape, asked.answer.result(), command)

    def start(self, file: str, *, cwd: Path, env: Mapping[str, str], given: Collection[str] = ()) -> Process:
        """Start a program of the source, in its own Python; whoever started it ends it.

        Of what the instance was given it finds what any process needs, and what is named, and nothing else but `env`.
        CannotTell when there is nowhere to start it.
        """
        if self._room is None:
            raise CannotTell(f"there is nowhere to start {file}")
        known = {name: self._env[name] for name in (*_OF_ANY, *given) if name in self._env}
        launched = Launch(argv=(self._room.python, str(self.source / file)), cwd=cwd, env={**known, **env})
        return self._room.start(launched, port=0)

    def close(self) -> None:
        """End the worker at once, whatever it is doing, and answer nobody any more."""
        self._closed = True
        self._worker.close()
        self._desk.shutdown(wait=False, cancel_futures=True)
        while waiting := self._waiting():
            for one in waiting:
                one.answer.set_exception(_ended(one.question.command))

    def _answer(self) -> None:
        """Put what is asked by now to the worker; whoever came too late for that has a turn of their own."""
        together = self._waiting()
        if not together:
            return
        answers: list[Any]
        try:
            if not (self._worker.alive or self._closed):
                self._worker.__enter__()
            answers = self._worker.call_together([one.question for one in together], deadline=CALL_SECONDS)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
            answers = [error] * len(together)
        for one, answer in zip(together, answers, strict=True):
            if isinstance(answer, Exception):
                one.answer.set_exception(answer)
            else:
                one.answer.set_result(answer)

    def _waiting(self) -> list[_Asked]:
        waiting: list[_Asked] = []
        with suppress(Empty):
            while len(waiting) < _AT_ONCE:
                waiting.append(self._asked.get_nowait())
        return waiting


def _ended(command: str) -> CannotTell:
    return CannotTell(f"the platform was ended, so {command} was not asked")
