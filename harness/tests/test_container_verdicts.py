"""A verdict does not depend on where it was reached: broken platforms are judged alike in containers and without."""

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from harness.report.document import Report
from harness.services import kinds
from harness.tests import engine_room, seeding
from harness.tests.seeding import Bench

# One for what examines code, one for migrations, one for what a running platform does.
BROKEN = ("circular-import-closed", "downgrade-emptied", "default-price-from-code")


@pytest.fixture
def scratch() -> Generator[Path]:
    """A folder that is gone afterwards, which an engine sees where we do."""
    with tempfile.TemporaryDirectory(prefix="conform-fault-") as folder:
        yield Path(folder)


def verdicts(report: Report) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What was concluded of each criterion, and of each of its checks."""
    return {
        one.id: (one.status, tuple(f"{check.id} {check.outcome}" for check in one.checks))
        for requirement in report.requirements
        for one in requirement.criteria
    }


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_platform_is_judged_alike(name: str, scratch: Path) -> None:
    """By the same seed, check by check."""
    engine_room.demand()
    entry = seeding.read(seeding.FAULTS / f"{name}.toml")
    source = seeding.seed(entry, scratch)
    reached: dict[str, Report] = {}
    for services in (kinds.CONTAINERS, kinds.EMBEDDED):
        bench = Bench(folder=scratch / services, compiled=scratch / "compiled")
        reached[services] = seeding.judged(source, bench, only=entry.selection, services=services)
        assert reached[services].run.services == services
        shutil.rmtree(bench.folder)
    assert verdicts(reached[kinds.CONTAINERS]) == verdicts(reached[kinds.EMBEDDED])
    assert seeding.criteria(reached[kinds.CONTAINERS], "nonconformant").keys() == set(entry.expects)
