"""Pricing files that cannot be used are refused, by file and key."""

from pathlib import Path

import pytest

from omoi_os.config import pricing, settings
from omoi_os.config.pricing import PricingRefused
from omoi_os.config.settings import SettingsIncomplete

SHIPPED = pricing.SHIPPED.read_text(encoding="utf-8")
OPENAI = "  openai:\n"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("prompt_token_cost: 0.0000025", "prompt_token_cost: -1", "providers.openai.gpt-4o.prompt_token_cost"),
        ("prompt_token_cost: 0.0000025", "prompt_token_cost: free", "providers.openai.gpt-4o.prompt_token_cost"),
        ("prompt_token_cost: 0.0000025", "prompt_token_cost: .nan", "not a finite number"),
        ("prompt_token_cost: 0.0000025", "prompt_token_cost: true", "must be a number"),
        ("prompt_token_cost: 0.0000025\n", "unheard: 1\n", "gpt-4o.prompt_token_cost is missing"),
        ("prompt_token_cost: 0.0000025\n", "completion_token_cost: 1\n", "stands twice"),
        (OPENAI, "  closedai:\n", "providers.openai is missing"),
        (OPENAI, "  empty: {}\n" + OPENAI, "providers.empty lists no model"),
        ("defaults:", "default:", "defaults is missing"),
        ("warning_threshold: 0.8", "warning_threshold: 8", "budget_alerts.warning_threshold"),
        ("avg_tokens_per_task: 5000", "avg_tokens_per_task: 0.5", "forecasting.avg_tokens_per_task"),
        (SHIPPED, "", "must be a mapping"),
        (SHIPPED, "a: [", "expected"),
    ],
)
def test_an_unusable_file_is_refused(tmp_path: Path, before: str, after: str, reason: str) -> None:
    """The refusal names the file and what is wrong in it."""
    assert before in SHIPPED
    path = tmp_path / "prices.yaml"
    path.write_text(SHIPPED.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(PricingRefused) as refused:
        pricing.read(path)
    assert str(path) in str(refused.value)
    assert reason in str(refused.value)


def test_missing_settings_are_all_named() -> None:
    """Whoever starts the platform learns everything that is missing at once."""
    with pytest.raises(SettingsIncomplete, match="DATABASE_URL, AUTH_JWT_SECRET_KEY"):
        settings.read({"REDIS_URL": "redis://127.0.0.1"})
