"""Amounts of money as people read them on a page: the number in a text, however it is dressed, and how exact it is."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from harness import money

CENTS: Final = 2
_NUMBER: Final = re.compile(r"[-−]?\d[\d.,'’\s_]*(?:[eE][-+]?\d+)?")  # noqa: RUF001 - pages use these signs
_GROUPS: Final = re.compile(r"[\s'’_]")  # noqa: RUF001 - as above
_THOUSANDS: Final = re.compile(r"\d{1,3}(,\d{3})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAmount:
    """A text of a page; `amount` is the one number in it, None when it holds none or several."""

    text: str
    amount: Decimal | None
    decimals: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Find the number in a text such as `$1,234.50`, `1.234,50 USD` or `USD 1.5e-7`."""
        written = [_plain(one) for one in _NUMBER.findall(text)]
        if len(written) != 1:
            return cls(text=text, amount=None)
        amount = Decimal(written[0])
        exponent = amount.as_tuple().exponent
        return cls(text=text, amount=amount, decimals=max(0, -exponent) if isinstance(exponent, int) else 0)

    def tells(self, actual: float) -> bool:
        """Whether a reader learns this amount: it is shown to the cent at least, and rounded to what is shown."""
        if self.amount is None:
            return False
        if money.equal(self.amount, actual):
            return True
        half = Decimal(5).scaleb(-self.decimals - 1)
        exact = Decimal(repr(actual))
        return self.decimals >= CENTS and abs(self.amount - exact) <= half * (1 + Decimal("1e-9"))


def _plain(written: str) -> str:
    """The number as Decimal reads it: of two kinds of separators the last is the point."""
    number = _GROUPS.sub("", written).replace("−", "-").rstrip(".,")  # noqa: RUF001 - as above
    comma, point = number.rfind(","), number.rfind(".")
    if comma > point and (point >= 0 or not _THOUSANDS.fullmatch(number)):
        return number.replace(".", "").replace(",", ".")
    return number.replace(",", "")
