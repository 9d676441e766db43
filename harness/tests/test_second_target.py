"""The second target conforms in its own way, and what it can be told to do wrong is blamed where it belongs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness import catalogue
from harness.tests import seeding
from harness.tests.seeding import Bench, Edit

MINIATURE: Final = seeding.SUITE / "fixtures" / "miniatures" / "platform"
DRIVER: Final = str(MINIATURE / "target.py")
# Platforms are started with an environment of the harness's own, so the fault is switched on in a copy.
SWITCH: Final = 'return name in os.environ.get("MINIATURE_FAULT", "").split(",")'

# Beside other tests at work, a machine may not be able to tell these.
BY_THE_CLOCK: Final = {"NFR-PERF-001.1", "NFR-PERF-002.1", "ACC-SLOWDOWN-001.1"}


@pytest.fixture
def bench() -> Iterator[Bench]:
    """Where one run is tried."""
    with tempfile.TemporaryDirectory(prefix="conform-miniature-") as folder:
        yield Bench(folder=Path(folder), compiled=Path(folder, "compiled"))


def test_the_miniature_conforms_in_every_criterion(bench: Bench) -> None:
    """What deviates harmlessly from the reference is conformant, criterion by criterion."""
    report = seeding.judged(MINIATURE, bench, target=DRIVER)
    known = {criterion.id for criterion, _ in catalogue.checks(catalogue.read(seeding.SUITE / "features"))}
    undetermined = seeding.criteria(report, "undetermined")
    unseen = undetermined.keys()
    assert unseen <= BY_THE_CLOCK, seeding.told(undetermined.values())
    assert report.decision.exit_code == (2 if unseen else 0), report.decision.reasons
    assert seeding.criteria(report, "conformant").keys() == known - unseen
    assert {metric.name: metric.state for metric in report.metrics if metric.state != "met"} == {}


def test_an_event_of_another_name_is_told_with_the_name_that_came(bench: Bench) -> None:
    """A near miss is said as one: what was published instead of what the document names."""
    renamed = Edit(
        file="omoi_os/services/budget_enforcer.py", find='"budget.warning":', replace='"cost.budget.warning":'
    )
    copy = seeding.worked_in((renamed,), seeding.copied(MINIATURE, bench.folder))
    turned = seeding.criteria(seeding.judged(copy, bench, only=("REQ-EVT-002.1",), target=DRIVER), "nonconformant")
    assert turned.keys() == {"REQ-EVT-002.1"}
    assert "cost.budget.warning" in seeding.told(turned.values())


@pytest.mark.parametrize(
    ("fault", "criterion", "words"),
    [
        ("unknown-provider-raises", "REQ-BILL-003.3", "answered 500"),
        ("rounds-to-cents", "REQ-BILL-003.2", "by the pricing file it is"),
        ("stores-nothing", "REQ-BILL-003.2", "0 rows are stored"),
        ("dies-on-record", "REQ-BILL-003.2", "POST"),
        ("deletes-costs", "CON-COMPAT-001.2", "took a cost with it"),
        ("begins-unchecked", "REQ-E2E-004.2", "its budget does not bear it"),
        ("streams-are-free", "REQ-E2E-002.3", "the provider did not count"),
    ],
)
def test_what_the_miniature_does_wrong_is_blamed(fault: str, criterion: str, words: str, bench: Bench) -> None:
    """The fault turns the criterion that it breaks, for a reason that says what was seen."""
    told = Edit(file="omoi_os/faults.py", find=SWITCH, replace=f'return name == "{fault}"')
    copy = seeding.worked_in((told,), seeding.copied(MINIATURE, bench.folder))
    report = seeding.judged(copy, bench, only=(criterion,), target=DRIVER)
    turned = seeding.criteria(report, "nonconformant")
    assert turned.keys() == {criterion}, report.decision.reasons
    assert words in seeding.told(turned.values())
