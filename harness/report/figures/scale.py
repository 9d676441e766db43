"""Where a value stands on a horizontal axis, in percent of the picture's width, so that text keeps its size."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_LEFT: Final = 1.5
_RIGHT: Final = 98.5
_MOST_TICKS: Final = 6
_SPREAD: Final = 20.0
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis from `low` to `high`; a logarithmic one where the values are far apart."""

    low: float
    high: float
    logarithmic: bool

    def place(self, value: float) -> float:
        """The place of a value; what lies beyond the axis stands at its end."""
        low, high, value = map(self._bent, (self.low, self.high, min(max(value, self.low), self.high)))
        return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)

    def edges(self, number: int) -> tuple[float, ...]:
        """The ends of so many bins of one width on the axis."""
        low, high = self._bent(self.low), self._bent(self.high)
        bent = (low + (high - low) * step / number for step in range(number + 1))
        return tuple(math.exp(one) if self.logarithmic else one for one in bent)

    def ticks(self) -> tuple[float, ...]:
        """A few round values on the axis."""
        return tuple(_decades(self.low, self.high) if self.logarithmic else _steps(self.low, self.high))

    def _bent(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value


def fitting(values: Iterable[float], *, bendable: bool = True) -> Scale:
    """The axis that holds these values with a little room at its ends; at least one is needed."""
    shown = sorted(values)
    low, high = shown[0], shown[-1]
    if bendable and low > 0 and high / low > _SPREAD:
        return Scale(low=low / 1.1, high=high * 1.1, logarithmic=True)
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    return Scale(low=low - room if low < 0 or low > room else min(low, 0.0), high=high + room, logarithmic=False)


def _steps(low: float, high: float) -> Iterable[float]:
    power = 10.0 ** math.floor(math.log10((high - low) / _MOST_TICKS))
    step = next(one * power for one in (*_STEPS, 10) if (high - low) / (one * power) <= _MOST_TICKS)
    return (count * step for count in range(math.ceil(low / step), math.floor(high / step) + 1))


def _decades(low: float, high: float) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in (_STEPS, (1, 3), (1,)):
        found = [step * 10.0**decade for decade in decades for step in steps if low <= step * 10.0**decade <= high]
        if len(found) <= _MOST_TICKS:
            return found
    return found[:: math.ceil(len(found) / _MOST_TICKS)]
