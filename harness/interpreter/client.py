"""Asks the platform's own Python: starts the worker there, sends it commands, and checks the shape of its answers."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from harness.errors import CannotTell
from harness.interpreter import dependencies
from harness.interpreter.channel import Channel, Silence
from harness.interpreter.protocol import ANSWER, ANSWERS, HELLO, Failure, Refusal, WorkerRefused
from harness.redaction import redact, secrets_of

FOLDER: Final = Path(__file__).parent / "worker"
OLDEST: Final = (3, 10)
START_DEADLINE: Final = 20.0
STOP_DEADLINE: Final = 2.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A command of the worker with its arguments."""

    command: str
    arguments: Mapping[str, object]


class Worker:
    """One worker in the platform's Python, with the source root as its working directory; use it in a `with`.

    `env` is the whole environment of the worker. Set PYTHONPYCACHEPREFIX in it to keep compiled files; without it
    none are written, so the checkout stays as it was.
    """

    def __init__(self, python: str, source: Path, *, env: Mapping[str, str]) -> None:
        self.python = python
        self.source = source
        self.version: tuple[int, ...] = ()
        self._env = _environment(env)
        self._secrets = secrets_of(env)
        self._program: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._asked = 0

    def __enter__(self) -> Self:
        """Start the worker and wait until it says hello."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the worker and everything that it started."""
        self.close()

    def call(self, command: str, shape: TypeAdapter[T], *, deadline: float, **arguments: object) -> T:
        """Run one command of the worker within `deadline` seconds; its value, in the shape asked for.

        Raises WorkerRefused (a PlatformMisbehaved) when the platform's code raised, CannotTell when the worker could
        not look, died, or did not answer in time; after the last two it is gone.
        """
        if self._channel is None:
            raise CannotTell(f"the worker is gone, so {command} was not asked")
        self._asked += 1
        request = {"id": self._asked, "command": command, "arguments": arguments}
        line = self._exchange(self._channel, json.dumps(request).encode(), command, deadline)
        answer = decoded(ANSWER, json.loads(line), command)
        if isinstance(answer, Refusal):
            raise self._refused(command, answer.error)
        return decoded(shape, answer.value, command)

    def call_together(self, questions: Sequence[Question], *, deadline: float) -> list[Any]:
        """Run commands at the same time; for each its value, or the error that `call` would raise of it."""
        requests = [{"id": number, **asdict(question)} for number, question in enumerate(questions)]
        answers = self.call("together.answers", ANSWERS, deadline=deadline, requests=requests)
        return [
            self._refused(question.command, answer.error) if isinstance(answer, Refusal) else answer.value
            for question, answer in zip(questions, answers, strict=True)
        ]

    @property
    def alive(self) -> bool:
        """Whether it was started, and has not been lost since."""
        return self._channel is not None

    def redact(self, text: str) -> str:
        """The text without the secrets that the worker was given."""
        return redact(text, self._secrets)

    def close(self) -> None:
        """Kill the worker's whole process group; calling it again does nothing."""
        program, channel = self._program, self._channel
        self._program = self._channel = None
        if program is None:
            return
        try:
            os.killpg(program.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            program.kill()
        program.wait(STOP_DEADLINE)
        if channel is not None:
            channel.close()

    def _start(self) -> None:
        """Start the platform's Python on the worker folder and check that it can do the work."""
        self._program = _spawn(self.python, self.source, self._env)
        self._channel = Channel(self._program)
        try:
            hello = HELLO.validate_json(self._exchange(self._channel, b"", "start", START_DEADLINE))
        except ValidationError as error:
            raise CannotTell(f"{self.python} does not run the worker: it is not a Python that we can use") from error
        self.version = hello.hello
        if self.version < OLDEST:
            found, oldest = ".".join(map(str, self.version)), ".".join(map(str, OLDEST))
            raise CannotTell(f"{self.python} is Python {found}", hint=f"name a Python from {oldest} on with --python")

    def _exchange(self, channel: Channel, line: bytes, command: str, deadline: float) -> bytes:
        """One line out, one line back; a silent worker is killed."""
        try:
            return channel.exchange(line, deadline=deadline)
        except Silence as silence:
            said = self.redact(channel.last_words())
            self.close()
            raise CannotTell(
                f"the worker in {self.python} {silence} during {command}",
                causes=(said,) if said else (),
                hint="is this the Python that has the platform's dependencies?" if command == "start" else "",
            ) from None

    def _refused(self, command: str, failure: Failure) -> CannotTell | WorkerRefused:
        """What this interpreter lacks, the worker's own trouble, or the platform's."""
        absent = failure.missing
        if absent and not failure.ours:
            absent = dependencies.behind(absent, dependencies.read(self.source))
        if absent:
            return dependencies.not_installed((absent,))
        said = replace(failure, message=self.redact(failure.message))
        if failure.dependency:
            what = f"an installed dependency does not import here: {said.type}: {said.message}"
            return CannotTell(f"{command}: {what}", causes=(f"in {failure.dependency}",))
        if failure.broken:
            return CannotTell(f"our own worker broke in {command}: {said.type}: {said.message}", causes=said.place())
        return CannotTell(f"{command}: {said.message}") if failure.ours else WorkerRefused(command, said)


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment of the worker: `assert` stays on, and no compiled file lands in the checkout."""
    kept = {name: value for name, value in env.items() if name != "PYTHONOPTIMIZE"}
    if "PYTHONPYCACHEPREFIX" not in kept:
        kept["PYTHONDONTWRITEBYTECODE"] = "1"
    return kept


def _spawn(python: str, source: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """The worker in a session of its own, so that it can be ended with all that it starts."""
    if not source.is_dir():
        raise CannotTell(f"there is no folder {source}")
    try:
        return subprocess.Popen(
            [python, "-u", str(FOLDER.resolve())],
            cwd=source,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotTell(f"{python} cannot be run: {reason}", hint="name a Python with --python") from error


def decoded(shape: TypeAdapter[T], value: Any, command: str) -> T:
    """The value in the shape asked for; another shape means that our two halves do not fit together."""
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        raise CannotTell(f"the worker's answer to {command} has another shape", causes=(redact(str(error)),)) from error
