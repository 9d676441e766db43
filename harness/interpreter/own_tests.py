"""The facts that the worker writes down while it runs the platform's own tests, as typed values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

COMMAND: Final = "own_tests.run"

Phase = Literal["setup", "call", "teardown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the worker is to run: the tests of the wanted names, and all unit tests if the lines of files are measured.

    It tells which of the declared `plugins` of pytest are not installed. Facts go to the file `report`; `lent` is a
    folder with coverage.py for a Python that has none. The files `measured` and the `package` that is compiled first
    lie below the source root.
    """

    report: str
    cache: str
    wanted: tuple[str, ...]
    measured: tuple[str, ...]
    lent: str
    package: str
    plugins: tuple[str, ...] = ()

    def words(self) -> str:
        """The request as the one word that the worker's command takes."""
        return _REQUEST.dump_json(self).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """There is no pytest in the platform's Python."""

    kind: Literal["lacking"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """Declared plugins of pytest that are not in the platform's Python."""

    kind: Literal["bare"]
    plugins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A file of tests could not be read, or skips itself; `lacks` is a module not found, if any.

    `wanted` are the wanted tests that it mentions; `unit` when it may hold unit tests, whose lines are measured.
    """

    kind: Literal["unread"]
    file: str
    wanted: tuple[str, ...]
    unit: bool
    outcome: str
    words: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A test that is a wanted one, or a unit test; `off` when its authors skip it wherever it runs."""

    kind: Literal["found"]
    test: str
    wanted: tuple[str, ...]
    off: bool
    unit: bool


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
class FileLines:
    """Which lines of one file were not executed; `excluded` are those that the platform's configuration leaves out.

    `statements` is the number of lines that can be executed, `taken` the number of branches that were.
    """

    path: str
    statements: int
    missing: tuple[int, ...]
    excluded: tuple[int, ...]
    branches: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What the unit tests executed: measured by which program, and what the configuration of it would leave out.

    `elsewhere` is the file from which a measured module was imported instead, if it was.
    """

    kind: Literal["covered"]
    by: str
    files: tuple[FileLines, ...]
    omitted: tuple[str, ...]
    elsewhere: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """The lines could not be measured, for a reason that is not the platform's."""

    kind: Literal["unmeasured"]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The run came to its end with pytest's exit code."""

    kind: Literal["ended"]
    code: int


Fact = Lacking | Bare | Unread | Found | Began | Asserted | Went | Covered | Unmeasured | Ended
_REQUEST: Final = TypeAdapter(Request)
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
