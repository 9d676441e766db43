"""The words that client and worker exchange, as frozen values."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from harness.errors import PlatformMisbehaved


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """First line of a worker: the version of its Python, and which file that is."""

    hello: tuple[int, ...]
    executable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One place that an error passed through."""

    file: str
    line: int
    function: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a command raised in the worker; `ours` when the platform is not to blame."""

    type: str
    message: str
    frames: tuple[Frame, ...]
    ours: bool


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
ANSWER: Final[TypeAdapter[Value | Refusal]] = TypeAdapter(Annotated[Value | Refusal, Field(discriminator="ok")])


class WorkerRefused(PlatformMisbehaved):
    """The platform's code raised while the worker ran a command; `failure` holds what and where."""

    code = "worker-refused"

    def __init__(self, command: str, failure: Failure) -> None:
        at = failure.frames[-1] if failure.frames else None
        where = (f"at {at.file}:{at.line}",) if at else ()
        super().__init__(f"{command}: {failure.type}: {failure.message}", operation=command, causes=where)
        self.failure = failure
