"""One run of the platform's own tests, in its own Python, by its own pytest, in a scratch copy of its source.

All that is asked of them in a lane is asked in one run; what became of it are facts, which nobody judges here.
"""

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.errors import CannotTell
from harness.interpreter import client, dependencies, own_tests
from harness.interpreter.dependencies import Declared
from harness.interpreter.own_tests import Bare, Began, Ended, Fact, Lacking, Request, Unread, Went
from harness.interpreter.scan import PACKAGE
from harness.redaction import redact, secrets_of
from harness.services.program import Launch, Program, ProgramDidNotStart
from harness.services.workspace import Workspace

DEADLINE: Final = 600.0
_MEASURE: Final = "coverage"
_LAST_LINES: Final = 3
_LENGTH: Final = 400
_ORDERLY: Final = (0, 1, 5)
# Where the first conftest cannot be read pytest gives up, and that file is told by itself.
_GIVEN_UP: Final = 4
UNREACHED: Final = "something that it connects to is not at hand"
# What a test says that could not reach a service or a network which nobody promised it.
_REACHES_NOBODY: Final = re.compile(
    r"connection ?(refused|error|aborted)|connect ?error|connect call failed|name resolution|name or service not known"
    r"|network is unreachable|connect(ion)? ?timed? ?out|connection timeout expired|connection to server on socket"
    r"|docker ?exception|executable doesn't exist",
    re.IGNORECASE,
)
# How pytest says that it does not know what a plugin of it would have known.
_UNKNOWN_TO_PYTEST: Final = re.compile(
    r"unrecognized arguments|missing required plugins|unknown config option|error importing plugin"
    r"|not found in `markers`|not natively supported|^fixture '\w+' not found",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where tests run: a copy of the platform's source, its Python, the whole environment, and the run's folder.

    `origin` is what was copied: the folder around it may declare more.
    """

    source: Path
    python: str
    env: Mapping[str, str]
    workspace: Workspace
    origin: Path | None = None

    @property
    def declared(self) -> Declared:
        """The distributions that the platform says it needs."""
        return dependencies.read(self.origin or self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run: the tests of these names (`test_name` or `path::test_name`), and how long at most.

    Where the lines of files are `measured`, given by their paths below the source root, all unit tests run too.
    """

    wanted: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    deadline: float = DEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRun:
    """What one run left: its facts, its exit code (None: it was ended by us), and its last words.

    `measured` are the files whose lines were to be counted.
    """

    measured: tuple[str, ...]
    facts: tuple[Fact, ...]
    code: int | None
    last: str
    declared: Declared
    secrets: tuple[str, ...]

    @property
    def lacks_pytest(self) -> bool:
        """Whether there was nothing to run tests with."""
        return any(isinstance(fact, Lacking) for fact in self.facts)

    @property
    def cut_short(self) -> str:
        """How the run ended before its time, in words; nothing when it was orderly."""
        if self.code is None:
            hung = next((fact.test for fact in reversed(self.facts) if isinstance(fact, Began)), "reading the tests")
            return f"the run was ended at its deadline, during {hung}"
        unread = any(isinstance(fact, Unread) for fact in self.facts)
        orderly = (*_ORDERLY, _GIVEN_UP) if unread else _ORDERLY
        ended = any(isinstance(fact, Ended) and fact.code in orderly for fact in self.facts)
        return "" if ended else f"the run ended with code {self.code}: {self.last}"

    def went(self, test: str) -> Iterator[Went]:
        """How the phases of a test went; what a plugin tries again does not count."""
        for fact in self.facts:
            if isinstance(fact, Went) and fact.test == test and fact.outcome != "rerun":
                yield fact

    def absent(self, lacks: str, words: str) -> str:
        """The declared dependency that would have had the module that was lacking, or known what these words say.

        Nothing where there is no such one.
        """
        behind = (lacks and dependencies.behind(lacks, self.declared)) or ""
        plugins = (name for fact in self.facts if isinstance(fact, Bare) for name in fact.plugins)
        return behind or (_UNKNOWN_TO_PYTEST.search(words) and next(plugins, "")) or ""

    def shown(self, words: str) -> str:
        """Words of the platform's tests, short and without its secrets."""
        return redact(words, self.secrets)[:_LENGTH]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that goes on beside whatever else there is to do, until somebody asks what became of it."""

    program: Program
    request: Request
    stand: Stand
    deadline: float

    def ended(self) -> OwnRun:
        """Wait for its end from now until its deadline, when all is ended; what was told until then counts."""
        try:
            code = self.program.wait(self.deadline)
        finally:
            self.program.kill()
        return OwnRun(
            measured=self.request.measured,
            facts=own_tests.read(Path(self.request.report)),
            code=code,
            last=" ".join(self.program.tail(_LAST_LINES)),
            declared=self.stand.declared,
            secrets=secrets_of(self.stand.env),
        )


def reaches_nobody(words: str) -> bool:
    """Whether a test says that what it connects to is not at hand, for which nobody is to blame."""
    return bool(_REACHES_NOBODY.search(words))


def begin(stand: Stand, order: Order) -> Begun:
    """Start to run the platform's own tests once."""
    folder = stand.workspace.make_folder("own-tests")
    request = Request(
        report=str(folder / "facts.jsonl"),
        cache=str(folder / "cache"),
        wanted=order.wanted,
        measured=order.measured,
        lent=str(_lent(folder)),
        package=PACKAGE,
        plugins=stand.declared.plugins_of("pytest"),
    )
    return Begun(program=_started(stand, request), request=request, stand=stand, deadline=order.deadline)


def run(stand: Stand, order: Order) -> OwnRun:
    """Run the platform's own tests once, and wait for the end."""
    return begin(stand, order).ended()


def _started(stand: Stand, request: Request) -> Program:
    launch = Launch(
        argv=(stand.python, "-u", str(client.FOLDER.resolve()), own_tests.COMMAND, request.words()),
        cwd=stand.source,
        env=stand.env,
        secrets=secrets_of(stand.env),
    )
    try:
        return Program.start(launch, stand.workspace)
    except ProgramDidNotStart as error:
        raise CannotTell(error.message, causes=error.causes, hint=error.hint) from error


def _lent(folder: Path) -> Path:
    """A folder from which nothing but our coverage.py can be imported."""
    lent = folder / "lent"
    lent.mkdir()
    spec = importlib.util.find_spec(_MEASURE)
    if spec and spec.origin:
        (lent / _MEASURE).symlink_to(Path(spec.origin).parent)
    return lent
