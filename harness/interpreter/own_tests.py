"""The facts that the worker writes down while it runs the platform's own tests, as typed values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

COMMAND: Final = "own_tests.run"

Phase = Literal["setup", "call", "teardown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """There is no pytest in the platform's Python."""

    kind: Literal["lacking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file that mentions wanted tests could not be read, or skips itself; `lacks` is a module not found, if any."""

    kind: Literal["unread"]
    wanted: tuple[str, ...]
    outcome: str
    words: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A test that is a wanted one; `off` when its authors skip it wherever it runs."""

    kind: Literal["found"]
    test: str
    wanted: tuple[str, ...]
    off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A test began."""

    kind: Literal["began"]
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """How many assertions a test executed."""

    kind: Literal["asserted"]
    test: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """How one phase of a test went; `expected` when its authors expect it to fail."""

    kind: Literal["phase"]
    test: str
    when: Phase
    outcome: str
    expected: bool
    words: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run came to its end with pytest's exit code."""

    kind: Literal["ended"]
    code: int


Fact = Lacking | Unread | Found | Began | Asserted | Went | Ended
_FACT: Final[TypeAdapter[Fact]] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])


def read(report: Path) -> tuple[Fact, ...]:
    """Every fact that was written whole, in order; none when the worker never came to write."""
    return tuple(_facts(report)) if report.exists() else ()


def _facts(report: Path) -> Iterator[Fact]:
    for line in report.read_bytes().splitlines():
        try:
            yield _FACT.validate_json(line)
        except ValidationError:
            return
