"""A run that is interrupted keeps what it saw, says that it was cut short, and leaves nothing running."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness import catalogue, evidence, observation, plan
from harness.model import Canary, Environment, Evidence, Header, Run, Target
from harness.observation import Station
from harness.plan import Plan
from harness.repairs import Masked
from harness.services import janitor
from harness.tests.tiny_suite import SCENARIO, TinySuite, ended

WAIT_SECONDS = 30.0
INTERRUPTED = 130
MEASURED = "REQ-TINY-001.1/measured"


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A suite whose second check never ends."""
    made = TinySuite(tmp_path)
    made.scenario(
        SCENARIO + SCENARIO.replace("measured\n", "endless\n", 1).replace("it is three", "endlessly it is three")
    )
    made.add_step(
        '@then("endlessly it is three long")\ndef _():\n    import subprocess, time\n'
        '    subprocess.Popen(("sleep", "600"), start_new_session=True)\n    time.sleep(600)\n'
    )
    return made


def await_true(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    assert janitor.await_true(condition, WAIT_SECONDS)


def first_check_seen(suite: TinySuite) -> bool:
    """Whether the first check's evidence is in the file."""
    found = list(suite.out.glob("*-*/evidence.jsonl"))
    return bool(found) and MEASURED.encode() + b'","outcome"' in found[0].read_bytes()


def running(suite: TinySuite) -> tuple[int, ...]:
    """Processes that were started by a run in this suite."""
    mark = f"TMPDIR={suite.scratch}".encode()
    return tuple(kin.pid for kin in janitor.census() if mark in janitor.environment(kin.pid))


def begun(suite: TinySuite) -> subprocess.Popen[str]:
    """Start a run and wait for its first evidence."""
    process = suite.start(*suite.order)
    await_true(lambda: first_check_seen(suite))
    return process


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_saw(suite: TinySuite, signum: signal.Signals) -> None:
    """Ctrl-C and a polite ending: exit 130, evidence without a footer, a report that says so, nothing left."""
    process = begun(suite)
    process.send_signal(signum)
    how = ended(process)
    assert how.code == INTERRUPTED
    assert how.err.startswith("interrupted: ")
    assert len(how.err.splitlines()) == 1
    assert evidence.read(suite.evidence).footer is None
    assert "the run was cut short: its evidence has no footer" in suite.told
    assert "endless: was not executed" in suite.told
    assert suite.report["census"]["executed"] == 1
    await_true(lambda: running(suite) == ())
    assert suite.left_over == ()


def test_a_killed_run_keeps_its_evidence(suite: TinySuite) -> None:
    """SIGKILL leaves no time to report: the janitor cleans up, and the evidence is judged afterwards."""
    process = begun(suite)
    process.kill()
    ended(process)
    await_true(lambda: running(suite) == () and suite.left_over == ())
    how = suite.conform("report", str(suite.evidence))
    assert how.code == 2
    assert "its evidence has no footer" in how.out


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.0])
def test_any_moment_is_a_good_one(suite: TinySuite, seconds: float) -> None:
    """Before, while or after the lanes start: interrupted all the same, and nothing stays."""
    process = suite.start(*suite.order)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    how = ended(process)
    assert how.code in (INTERRUPTED, -signal.SIGINT)
    await_true(lambda: running(suite) == ())
    assert suite.left_over == ()


class Onlooker:
    """A watch that looks away."""

    def began(self, header: Header, planned: Plan) -> None:
        """See nothing."""

    def saw(self, line: Evidence | Canary) -> None:
        """See nothing."""

    def repeats(self, masked: Masked) -> None:
        """See nothing."""

    def ended(self) -> None:
        """See nothing."""


def test_a_lane_that_falls_silent_is_ended(suite: TinySuite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that hangs for too long is ended with its lane, and the run is void for that reason."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(str(path) for path in suite.folder.parent.glob("path")))
    requirements = catalogue.read(suite.folder / "features")
    planned = plan.make(requirements, profile="core", chosen=())
    header = Header(
        run=Run(
            id="a",
            target=Target(name="tiny", version="1", digest="", source=str(suite.folder / "platform"), python="python"),
            environment=Environment(services="embedded", addresses={}, versions={}, seed=1, machine="a"),
            profile="core",
            selection=(),
            started=datetime.now(UTC),
            suite=str(suite.folder),
        ),
        requirements=requirements,
        required=tuple(check.id for check in planned.required),
    )
    suite.out.mkdir()
    station = Station(folder=suite.out, driver="target.py", silence_seconds=8.0)
    found = evidence.read(observation.observe(header, planned, station=station, watch=Onlooker()))
    assert [line.check for line in found.evidence] == [MEASURED]
    assert found.footer is not None
    (trouble,) = found.footer.troubles
    assert "the source lane was ended because it wrote nothing for too long, 1 checks undone" in trouble
