"""One defect that hides others, on a real platform: what is behind it is judged under a repair, and is not sound."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness import source
from harness.errors import EXIT_NONCONFORMANT, EXIT_UNDETERMINED
from harness.report.document import CheckEntry, Report
from harness.tests import deviating, seeding
from harness.tests.seeding import Bench, Edit

DRIVER: Final = deviating.__file__
HOME: Final = "REQ-BILL-002.2"
HIDDEN: Final = "REQ-BILL-003.2"
CONTRADICTED: Final = Edit(
    file="migrations/versions/b2_cost_records.py",
    find='sa.Column("id", sa.Uuid, primary_key=True)',
    replace='sa.Column("id", sa.Integer, primary_key=True)',
)
# A branch that alembic takes first needs a table of the other one.
EARLY: Final = (
    Edit(
        file="migrations/versions/f6_work_in_progress.py",
        find='down_revision = "e5"',
        replace='down_revision = ("e5", "g7")',
    ),
    Edit(
        file="migrations/versions/g7_early.py",
        add="""from alembic import op

revision = "g7"
down_revision = "a1"


def upgrade() -> None:
    op.create_index("ix_budgets_scope_type", "budgets", ["scope_type"])


def downgrade() -> None:
    op.drop_index("ix_budgets_scope_type")
""",
    ),
)
ROUNDED: Final = Edit(
    file="omoi_os/faults.py",
    find='return name in os.environ.get("MINIATURE_FAULT", "").split(",")',
    replace='return name == "rounds-to-cents"',
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Where one run is tried."""
    with tempfile.TemporaryDirectory(prefix="conform-masked-") as folder:
        yield Bench(folder=Path(folder), compiled=Path(folder, "compiled"))


def judged(bench: Bench, *edits: Edit, only: tuple[str, ...]) -> Report:
    """Judge a copy of the miniature into which something was worked, and see that nobody touched it."""
    copy = seeding.worked_in(edits, seeding.copied(deviating.MINIATURE, bench.folder))
    before = source.digest(copy)
    report = seeding.judged(copy, bench, only=only, target=DRIVER)
    assert source.digest(copy) == before
    return report


def checks(report: Report, criterion: str) -> tuple[CheckEntry, ...]:
    """Every execution of every check of a criterion."""
    return next(one.checks for each in report.requirements for one in each.criteria if one.id == criterion)


def test_what_a_defect_hides_is_judged_under_its_repair(bench: Bench) -> None:
    """The defect turns its own criterion; what it hid conforms under repair, in every round and format told apart."""
    report = judged(bench, CONTRADICTED, only=(HOME, HIDDEN))
    assert seeding.criteria(report, "nonconformant").keys() == {HOME}
    hidden = seeding.criteria(report, "conformant")[HIDDEN]
    assert hidden.repairs == (deviating.REPAIR.name,)
    assert {one.outcome for one in checks(report, HIDDEN) if one.round == "shipped"} == {"failed"}
    assert {one.outcome for one in checks(report, HIDDEN) if one.round == "repaired"} == {"passed"}
    assert {one.round for one in checks(report, HOME)} == {"shipped"}
    assert report.decision.exit_code == EXIT_NONCONFORMANT
    written = bench.folder / "out" / "latest"
    assert "ALTER COLUMN id TYPE uuid" in (written / "report.html").read_text(encoding="utf-8")
    assert "under repair" in (written / "junit.xml").read_text(encoding="utf-8")


def test_a_second_defect_behind_the_first_is_seen(bench: Bench) -> None:
    """Under repair a criterion fails as any other, for what is wrong with it."""
    report = judged(bench, CONTRADICTED, ROUNDED, only=(HIDDEN,))
    turned = seeding.criteria(report, "nonconformant")
    assert turned.keys() == {HIDDEN}
    assert "by the pricing file it is" in seeding.told(turned.values())


def test_alone_it_still_is_not_sound(bench: Bench) -> None:
    """Whoever asks only for what was hidden is told that it conforms under repair alone."""
    report = judged(bench, CONTRADICTED, only=(HIDDEN,))
    assert report.decision.exit_code == EXIT_UNDETERMINED
    assert any("only under repair" in reason for reason in report.decision.reasons)


def test_migrations_that_wait_for_another_branch_hide_nothing(bench: Bench) -> None:
    """No order that operators take gets to the end; under repair one does, and which revision waited is told."""
    report = judged(bench, *EARLY, only=("CON-MIG-001.1", HIDDEN, "CON-API-001.1"))
    assert seeding.criteria(report, "nonconformant").keys() == {"CON-MIG-001.1"}
    assert seeding.criteria(report, "conformant")[HIDDEN].repairs == (deviating.DISORDER.name,)
    (mended, *_) = (one for one in checks(report, HIDDEN) if one.round == "repaired")
    assert any("up to g7 raised" in str(finding.observed) for finding in mended.findings)
    # What the application publishes needs no database, so that nothing hides it.
    assert seeding.criteria(report, "conformant")["CON-API-001.1"].repairs == ()


def test_without_the_defect_nothing_is_mended(bench: Bench) -> None:
    """The same target with no defect is judged once."""
    report = judged(bench, only=(HIDDEN,))
    assert report.decision.exit_code == 0
    assert {one.round for one in checks(report, HIDDEN)} == {"shipped"}
