"""One lane of a run: a pytest process of its own that executes some checks and writes a shard of evidence."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pydantic import TypeAdapter

from harness.errors import Misuse
from harness.model import Check, Lane, Repair, Round, Run
from harness.services import janitor

ASSIGNMENT_VARIABLE: Final = "CONFORM_ASSIGNMENT"
BINDING: Final = "steps/test_features.py"
_DROPPED: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONWARNINGS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a lane has to do: the run it belongs to, its checks, and the files it writes to.

    `baseline` is the source of a version without cost tracking, where one was named; `services` are the kind of the
    services, or their addresses without passwords; with `repairs` it is a later round.
    """

    run: Run
    lane: Lane
    driver: str
    checks: tuple[Check, ...]
    shard: Path
    workspace: Path
    baseline: Path | None = None
    services: str = "embedded"
    repairs: tuple[Repair, ...] = ()

    @property
    def round(self) -> Round:
        """Whether the platform is judged as it is, or mended."""
        return "repaired" if self.repairs else "shipped"

    @property
    def label(self) -> str:
        """How its files are called within the run."""
        return self.lane if self.round == "shipped" else f"{self.lane}-{self.round}-{len(self.repairs)}"

    @property
    def name(self) -> str:
        """How this lane of this run calls what it makes where others make things too: lower-case, without dashes."""
        return f"{self.run.id}_{self.label}".lower().replace("-", "_")


_ASSIGNMENT: TypeAdapter[Assignment] = TypeAdapter(Assignment)


def read_assignment() -> Assignment:
    """Give the assignment that this lane process was started with."""
    path = os.environ.get(ASSIGNMENT_VARIABLE)
    if not path:
        raise Misuse(
            "this pytest process has no assignment", hint="checks run through `conform run`, not through pytest"
        )
    return _ASSIGNMENT.validate_json(Path(path).read_bytes())


def start(assignment: Assignment, *, log: BinaryIO) -> subprocess.Popen[bytes]:
    """Start the lane in a process group of its own; pytest's talk goes to `log`."""
    paper = assignment.workspace / f"assignment-{assignment.label}.json"
    paper.write_bytes(_ASSIGNMENT.dump_json(assignment))
    return subprocess.Popen(
        _command(assignment),
        cwd=assignment.run.suite,
        env=_environment(assignment, paper),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _command(assignment: Assignment) -> tuple[str, ...]:
    plugins = ("pytest_bdd.plugin", "harness.plugin")
    return (
        sys.executable,
        *("-P", "-m", "pytest"),
        *(word for plugin in plugins for word in ("-p", plugin)),
        *("-p", "no:cacheprovider", "-p", "no:faulthandler"),
        *("-c", os.devnull, "--rootdir", assignment.run.suite, "--confcutdir", assignment.run.suite),
        *("--import-mode=append", "--assert=plain", "--tb=native", "-q", "-W", "default"),
        BINDING,
    )


def _environment(assignment: Assignment, paper: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    # By this mark the janitor finds what outlives its lane.
    own = {janitor.MARK: str(assignment.workspace), ASSIGNMENT_VARIABLE: str(paper)}
    return {**kept, **own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
