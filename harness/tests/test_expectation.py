"""What a pricing file expects of a task, and what follows when it expects nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

from harness.errors import LacksCapability
from harness.journal import Journal
from harness.probes import pricing
from harness.probes.pricing import Price, PriceFile

PUBLISHED = "forecasting: {avg_tokens_per_task: 5000, buffer_multiplier: 1.2}"


@pytest.fixture
def journal() -> Journal:
    """What was noted."""
    return Journal()


def test_a_task_is_expected_to_cost_half_prompt_half_completion_and_the_buffer(
    tmp_path: Path, journal: Journal
) -> None:
    """5,000 tokens at 2 and 8 millionths are 2 cents and a half; a fifth comes on top."""
    price = Price(prompt=Decimal("0.000002"), completion=Decimal("0.000008"))
    assert written(tmp_path, journal, PUBLISHED).expectation().of(price) == Decimal("0.03")


@pytest.mark.parametrize(
    "text", ["providers: {}", "forecasting:", "forecasting: {avg_tokens_per_task: 5000}", "forecasting: often"]
)
def test_a_file_that_publishes_no_forecasting_has_been_looked_at(tmp_path: Path, journal: Journal, text: str) -> None:
    """Only a capability that was looked for can be found lacking."""
    with pytest.raises(LacksCapability):
        written(tmp_path, journal, text).expectation()
    assert [reading.examined > 0 for reading in journal.readings] == [True]


def written(folder: Path, journal: Journal, text: str) -> PriceFile:
    """The instrument on a file of these words."""
    path = folder / pricing.FILE
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return PriceFile(journal, folder)
