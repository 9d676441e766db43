"""Amounts at the boundaries of limits come out alike in exact and in binary arithmetic."""

from decimal import Decimal
from random import Random

import pytest

from fixtures import amounts
from fixtures.inputs import Draw
from harness.probes.pricing import Price, PriceList

PRICE = Price(prompt=Decimal("0.000003"), completion=Decimal("0.000015"))
PRICES = PriceList(providers={"acme": {"large": PRICE}}, default=PRICE)


def drawing(seed: int) -> Draw:
    """Inputs as a check draws them."""
    return Draw(Random(seed))  # noqa: S311 - drawn from a seed on purpose


@pytest.mark.parametrize("seed", range(5))
def test_every_percent_of_a_limit_comes_out_alike(seed: int) -> None:
    """Amounts at boundaries are held exactly by binary numbers, so that no platform is blamed for a last digit."""
    share = amounts.hundredth(drawing(seed), PRICES)
    assert share.limit == 100 * share.cost
    for percent in range(1, amounts.MOST_PERCENT + 1):
        call = share.times(percent)
        cost = PRICE.of(prompt_tokens=call.prompt_tokens, completion_tokens=call.completion_tokens).total
        assert Decimal(float(cost)) == cost == percent * share.cost
        assert (float(cost) / float(share.limit) >= 0.8) == (percent >= 80)


@pytest.mark.parametrize("needed", ["0.108", "0.27", "0.00225", "0.0009000000000000001"])
def test_exactly_what_is_needed_is_left_in_any_arithmetic(needed: str) -> None:
    """The limit is the cost and the need together, whether that is added or taken away, exactly or in binary."""
    call, limit = amounts.beside(drawing(1), PRICES, Decimal(needed))
    spent = PRICE.of(prompt_tokens=call.prompt_tokens, completion_tokens=call.completion_tokens).total
    assert abs(limit - spent - Decimal(needed)) < Decimal("1e-15")
    assert float(spent) + float(needed) <= float(limit)
    assert float(limit) - float(spent) >= float(needed)
