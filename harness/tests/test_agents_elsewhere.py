"""Where nobody sees a platform's agents at work, nobody waits for platforms to come up before that is said."""

from pathlib import Path
from typing import Final

from harness.tests import seeding
from harness.tests.seeding import REFERENCE, Bench

TARGET: Final = """
from harness.targets.reference.target import Reference


class Elsewhere(Reference):
    agents_elsewhere = "its agents work on the moon"


driver = Elsewhere()
"""


def test_a_slowdown_that_nobody_could_see_is_undetermined_by_the_drivers_word(tmp_path: Path) -> None:
    """The driver's reason is given, although this platform would have run every task."""
    target = tmp_path / "elsewhere.py"
    target.write_text(TARGET, encoding="utf-8")
    bench = Bench(folder=tmp_path, compiled=tmp_path / "compiled")
    report = seeding.judged(
        seeding.copied(REFERENCE, tmp_path), bench, only=("ACC-SLOWDOWN-001.1",), target=str(target)
    )
    undetermined = seeding.criteria(report, "undetermined")
    assert "its agents work on the moon" in seeding.told(undetermined.values())
