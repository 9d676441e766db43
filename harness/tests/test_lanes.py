"""Lanes share the processors two at a time; whatever measures time has the machine for itself."""

from pathlib import Path
from typing import Final

from harness import evidence
from harness.errors import EXIT_UNDETERMINED
from harness.tests.tiny_suite import STEPS, TARGET, TinySuite

FEATURE: Final = """
@REQ-TINY-001 @source-1.1 @core
Feature: A platform has a length
  Reading: three.

  @REQ-TINY-001.1
  Rule: It is three long
"""
SCENARIO: Final = """
    @lane-{lane}
    Scenario: measured in {lane}
      Given a platform
      When the {lane} lane measures it
      Then it is three long
"""
# The first two wait for one another, so that they are seen side by side however slow the machine is; then each takes
# its time, so that a third one which did not wait would be seen.
STEP: Final = """
import pathlib, time
from pytest_bdd import parsers

FOLDER = pathlib.Path({folder!r})


def put(name):
    (FOLDER / name).write_text(str(time.monotonic_ns()))


@when(parsers.parse("the {{lane}} lane measures it"), target_fixture="length")
def _(ruler, lane):
    put(f"{{lane}} began")
    other = {{"source": "service", "service": "source"}}.get(lane, lane)
    until = time.monotonic() + 30
    while not (FOLDER / f"{{other}} began").exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(2)
    put(f"{{lane}} ended")
    return ruler.measure()
"""

MENDED: Final = "from harness.shortcoming import Repair\n"
REPAIR: Final = 'Repair(name="key", because="it hides all", symptom="no such key", judged_by=("REQ-TINY-001.2",))'
# The service lane goes on until the source lane has looked once more, or for so long that it never will.
ONCE_MORE: Final = """
import time
from harness.lane import read_assignment

AGAIN = read_assignment().workspace / "again"


@when("the source lane measures it", target_fixture="length")
def _(ruler):
    assert read_assignment().repairs, "no such key"
    AGAIN.touch()
    return ruler.measure()


@when("the service lane measures it", target_fixture="length")
def _(ruler):
    until = time.monotonic() + 30
    while not AGAIN.exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(1)
    return ruler.measure()
"""


def test_two_lanes_share_the_processors_and_the_quiet_one_runs_alone(tmp_path: Path) -> None:
    """A third one waits until one of the first two has ended, and the quiet one for all of them."""
    suite = TinySuite(tmp_path)
    times = tmp_path / "times"
    times.mkdir()
    lanes = ("source", "service", "fresh", "quiet")
    suite.write("features/tiny.feature", FEATURE + "".join(SCENARIO.format(lane=lane) for lane in lanes))
    suite.write("steps/lengths.py", STEPS + STEP.format(folder=str(times)))
    assert suite.run().code == 0
    at = {path.name: int(path.read_text()) for path in times.iterdir()}
    assert max(at["source began"], at["service began"]) < min(at["source ended"], at["service ended"])
    assert at["fresh began"] > min(at["source ended"], at["service ended"])
    assert at["quiet began"] > max(at[f"{lane} ended"] for lane in lanes if lane != "quiet")


def test_a_lane_looks_once_more_while_others_are_at_their_first_round(tmp_path: Path) -> None:
    """What it saw says what is mended for it, so that it waits for nobody."""
    suite = TinySuite(tmp_path)
    suite.write("target.py", MENDED + TARGET.replace("repairs = ()", f"repairs = ({REPAIR},)"))
    scenarios = [SCENARIO.format(lane=lane) for lane in ("source", "service")]
    suite.write("features/tiny.feature", FEATURE + "".join(scenarios))
    suite.write("steps/lengths.py", STEPS + ONCE_MORE)
    assert suite.run().code == EXIT_UNDETERMINED
    rounds = [(one.check.rpartition("-")[2], one.round) for one in evidence.read(suite.evidence).evidence]
    assert rounds == [("source", "shipped"), ("source", "repaired"), ("service", "shipped")]
