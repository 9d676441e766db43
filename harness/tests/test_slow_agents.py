"""Platforms whose agents cannot be had, take seconds to begin, or call a provider in one manner alone."""

from pathlib import Path
from typing import Final

from harness.tests import seeding
from harness.tests.seeding import REFERENCE, Bench

TARGET: Final = """
from harness.targets.reference.target import Reference


class Unclocked(Reference):
    unclocked = "its agents take their time"


driver = Unclocked()
"""

ONE_MANNER: Final = """
from harness.errors import OutOfReach
from harness.targets.reference import people
from harness.targets.reference.target import Reference, ReferenceTenant
from harness.targets.terms import Manner


class Slow(Reference):
    def tenant(self, instance, journal):
        return SlowTenant(instance, journal, people.seed(instance.database_url))


class SlowTenant(ReferenceTenant):
    def known_manners(self):
        return (Manner(provider="anthropic", streams=True),)

    def run_task(self, task_id, *, if_quick=False):
        reply = super().run_task(task_id)
        if if_quick:
            # A task of the reference has to be run before it can be completed.
            raise OutOfReach("an agent takes seconds to begin")
        return reply


driver = Slow()
"""


def test_agents_are_tried_in_the_manners_they_have_and_only_where_their_calls_are_on_trial(tmp_path: Path) -> None:
    """What no agent of a platform does is no criterion of its, and what is not tried for its time is not green."""
    target = tmp_path / "slow.py"
    target.write_text(ONE_MANNER, encoding="utf-8")
    bench = Bench(folder=tmp_path, compiled=tmp_path / "compiled")
    source = seeding.copied(REFERENCE, tmp_path)
    report = seeding.judged(source, bench, only=("REQ-E2E-002", "OBJ-LIFECYCLE-001"), target=str(target))
    assert seeding.criteria(report, "conformant").keys() == {"REQ-E2E-002.2", "REQ-E2E-002.3", "OBJ-LIFECYCLE-001.1"}
    undetermined = seeding.criteria(report, "undetermined")
    assert undetermined.keys() == {"REQ-E2E-002.1"}
    assert "an agent takes seconds to begin" in seeding.told(undetermined.values())
    outcomes = [
        check.outcome
        for one in undetermined.values()
        for check in one.checks
        if check.title.startswith("an agent takes turns")
    ]
    assert outcomes == ["not-applicable", "not-applicable", "not-applicable", "passed"]


def test_a_slowdown_that_nobody_clocks_is_undetermined_by_the_drivers_word(tmp_path: Path) -> None:
    """The driver's reason is given, although this platform would have run every task."""
    target = tmp_path / "unclocked.py"
    target.write_text(TARGET, encoding="utf-8")
    bench = Bench(folder=tmp_path, compiled=tmp_path / "compiled")
    report = seeding.judged(
        seeding.copied(REFERENCE, tmp_path), bench, only=("ACC-SLOWDOWN-001.1",), target=str(target)
    )
    undetermined = seeding.criteria(report, "undetermined")
    assert "its agents take their time" in seeding.told(undetermined.values())
