"""Amounts of money: exact where we compute, and one tolerance wherever two of them are compared."""

from decimal import Decimal
from typing import Final

# Section 5.2 stores amounts as floating point, so equality has to leave room for its last digits.
_ABSOLUTE: Final = Decimal("1e-9")
_RELATIVE: Final = Decimal("1e-12")


def equal(one: Decimal | float, other: Decimal | float) -> bool:
    """Whether two amounts in USD are the same within 1e-9 + 1e-12 of the larger; NaN and infinity never are."""
    first, second = _exact(one), _exact(other)
    if not (first.is_finite() and second.is_finite()):
        return False
    return abs(first - second) <= _ABSOLUTE + _RELATIVE * max(abs(first), abs(second))


def _exact(amount: Decimal | float) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(repr(float(amount)))
