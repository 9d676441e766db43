"""The words that client and worker exchange, as frozen values."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from harness.errors import PlatformMisbehaved


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """First line of a worker: the version of its Python."""

    hello: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One place that an error passed through."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a command raised in the worker; `ours` when the platform is not to blame, `broken` when the worker is.

    `missing` is a third-party module that was not found, or nothing; `dependency` is the file of an installed one in
    which an import failed, or nothing.
    """

    type: str
    message: str
    frames: tuple[Frame, ...]
    ours: bool
    broken: bool
    missing: str
    dependency: str = ""

    def place(self) -> tuple[str, ...]:
        """The innermost line that it passed, if any."""
        return tuple(f"at {frame.file}:{frame.line}" for frame in self.frames[-1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """The command's value, not yet checked for its shape."""

    id: int
    value: Any
    ok: Literal[True]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The command raised."""

    id: int
    error: Failure
    ok: Literal[False]


HELLO: Final = TypeAdapter(Hello)
Answer = Annotated[Value | Refusal, Field(discriminator="ok")]
ANSWER: Final[TypeAdapter[Value | Refusal]] = TypeAdapter(Answer)
ANSWERS: Final[TypeAdapter[tuple[Value | Refusal, ...]]] = TypeAdapter(tuple[Answer, ...])


class WorkerRefused(PlatformMisbehaved):
    """The platform's code raised while the worker ran a command; `failure` holds what and where."""

    code = "worker-refused"

    def __init__(self, command: str, failure: Failure) -> None:
        super().__init__(f"{command}: {failure.type}: {failure.message}", operation=command, causes=failure.place())
        self.failure = failure
