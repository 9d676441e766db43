"""A whole suite of a few lines in a scratch folder, judged by the real command."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import harness

MAIN: Final = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
MAIN_ENTRY: Final = MAIN + "from harness.entry import main; main()"
DEADLINE_SECONDS: Final = 60.0

BINDING: Final = 'from pytest_bdd import scenarios\n\nscenarios("../features")\n'
CONFTEST: Final = 'pytest_plugins = ["fixtures.ruler", "steps.lengths"]\n'
TARGET: Final = """
class Driver:
    name = "tiny"
    gaps = ()
    repairs = ()
    own_environment = False
    settings = {}
    test_database = "empty"
    planting = {}
    roles_held_in = "project"
    unclocked = ""
    without_recording = ()

    def default_source(self, suite):
        return suite / "platform"


driver = Driver()
"""
RULER: Final = """
import pytest


class Ruler:
    def __init__(self, journal):
        self._journal = journal

    def measure(self, examined=1):
        self._journal.note("ruler", "length", observed=3, examined=examined)
        return 3


@pytest.fixture
def ruler(journal):
    return Ruler(journal)
"""
STEPS: Final = """
from pytest_bdd import given, then, when


@given("a platform")
def _(ruler):
    pass


@when("it is measured", target_fixture="length")
def _(ruler):
    return ruler.measure()


@then("it is three long")
def _(length):
    assert length == 3, f"it is {length} long"
"""
HEAD: Final = """
@REQ-TINY-001 @source-1.1 @lane-source @core
Feature: A platform has a length
  Reading: three.

  @REQ-TINY-001.1
  Rule: It is three long
"""
SCENARIO: Final = """
    Scenario: measured
      Given a platform
      When it is measured
      Then it is three long
"""
OUTLINE: Final = """
    Scenario Outline: measured by <who>
      Given a platform
      When it is measured
      Then it is three long

      Examples:
        | who  |
        | us   |
        | them |
        | you  |
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: its exit code and what it said on each stream."""

    code: int
    out: str
    err: str


class TinySuite:
    """A green suite of one scenario, a target file and a platform of one empty package; any file can be replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "suite"
        self.out = folder / "out"
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        (folder / "path").mkdir()
        # The harness alone: the steps and fixtures beside it are another suite's.
        (folder / "path" / "harness").symlink_to(Path(harness.__file__).parent)
        self._path = folder / "path"
        self.write("features/tiny.feature", HEAD + SCENARIO)
        self.write("steps/__init__.py", "")
        self.write("steps/conftest.py", CONFTEST)
        self.write("steps/test_features.py", BINDING)
        self.write("steps/lengths.py", STEPS)
        self.write("fixtures/__init__.py", "")
        self.write("fixtures/ruler.py", RULER)
        self.write("target.py", TARGET)
        self.write("platform/omoi_os/__init__.py", "")

    def write(self, name: str, content: str) -> Path:
        """Put a file into the suite."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(content))
        return path

    def scenario(self, lines: str) -> None:
        """Give the only criterion these lines instead of its scenario."""
        self.write("features/tiny.feature", HEAD + lines)

    def add_step(self, lines: str) -> None:
        """Add a step definition to the others."""
        self.write("steps/lengths.py", STEPS + textwrap.dedent(lines))

    def then(self, body: str) -> None:
        """Let the `then` step do this instead; `length` is what was measured."""
        self.write("steps/lengths.py", STEPS.replace('assert length == 3, f"it is {length} long"', body))

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start the command in the suite, with a temporary folder of its own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORM", "COV"))}
        own = {
            "PYTHONPATH": str(self._path),
            "TMPDIR": str(self.scratch),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "999",
        }
        return subprocess.Popen(
            (sys.executable, "-P", "-c", MAIN_ENTRY, *words),
            cwd=self.folder,
            env={**kept, **own, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def conform(self, *words: str, env: Mapping[str, str] | None = None) -> Ended:
        """Let the command run to its end."""
        return ended(self.start(*words, env=env))

    @property
    def order(self) -> tuple[str, ...]:
        """The words that judge the tiny platform."""
        return ("run", "--target", "target.py", "--services", "embedded", "--out", str(self.out))

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Ended:
        """Judge the tiny platform."""
        return self.conform(*self.order, *words, env=env)

    @property
    def evidence(self) -> Path:
        """The evidence of the only run."""
        (found,) = self.out.glob("*-*/evidence.jsonl")
        return found

    @property
    def report(self) -> dict[str, Any]:
        """The report of the latest run."""
        return json.loads((self.out / "latest" / "report.json").read_text())

    @property
    def told(self) -> str:
        """Every reason of the report, as one text."""
        report = self.report
        criteria = [criterion for requirement in report["requirements"] for criterion in requirement["criteria"]]
        return "\n".join((*report["decision"]["reasons"], *(why for one in criteria for why in one["because"])))

    @property
    def left_over(self) -> tuple[str, ...]:
        """Folders of runs that are still there."""
        return tuple(path.name for path in self.scratch.glob("conform-*"))


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a command, however long it may take within reason."""
    out, err = process.communicate(timeout=DEADLINE_SECONDS)
    return Ended(code=process.returncode, out=out, err=err)
