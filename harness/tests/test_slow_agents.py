"""Platforms whose agents cannot be had, take seconds to begin, or call a provider in one manner alone."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from fixtures import slowdown
from harness.errors import CannotTell
from harness.model import Run, Shard
from harness.targets.reference.target import Reference
from harness.tests import seeding
from harness.tests.seeding import REFERENCE, Bench
from harness.tests.specimen import RUN

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


class Unclocked(Reference):
    """A platform whose agents take their time."""

    unclocked: str = "its agents take their time"


def asking(*names: str) -> Run:
    """A run that was asked for these."""
    return replace(RUN, selection=names)


def test_what_takes_minutes_is_clocked_where_somebody_asks_for_it_by_its_name() -> None:
    """A shard has a part of what was asked for, and may have it although nobody named it."""
    slow, part = Unclocked(), Shard(number=2, of=4)
    for run in (asking(), asking("REQ-BILL-001"), replace(asking("ACC-SLOWDOWN-001"), shard=part)):
        with pytest.raises(CannotTell, match=r"take their time Hint: .* --only ACC-SLOWDOWN-001"):
            slowdown.demand_asked(slow, run)
    named = ("REQ-BILL-001", "ACC-SLOWDOWN-001.1")
    for driver, run in ((slow, asking(*named)), (slow, replace(RUN, shard=part, asked=named)), (Reference(), RUN)):
        slowdown.demand_asked(driver, run)
