"""Recognises a scene in what a platform answers: its ids, its names, its token counts and its amounts."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

# A number that stands alone: not a part of an id, a name or a date.
_NUMBER: Final = re.compile(r"(?<![\w.+-])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w-])")
_FEWEST_DIGITS: Final = 5
_SAME_DIGITS: Final = 9
_SHORTEST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What of a scene an answer shows: numbers that only its money has, and words that only it has."""

    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether it shows anything of the scene."""
        return bool(self.numbers or self.words)

    def __or__(self, other: Self) -> Self:
        """What one of the two shows."""
        return replace(self, numbers=self.numbers | other.numbers, words=self.words | other.words)

    def __str__(self) -> str:
        """As a report writes it."""
        return ", ".join([*sorted(self.numbers), *sorted(self.words)][:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """By what a scene is recognised."""

    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, numbers: Iterable[float], words: Iterable[str]) -> Self:
        """The marks among these: numbers of few digits and short words could be anybody's and are left out."""
        return cls(
            numbers=frozenset(key for number in numbers if _telling(key := _key(number))),
            words=frozenset(word for word in words if len(word) >= _SHORTEST),
        )

    def without(self, others: Self) -> Self:
        """These marks but for the numbers that others have as well, by which nobody could tell the two apart."""
        return replace(self, numbers=self.numbers - others.numbers)

    def in_text(self, text: str, *, given: Collection[str] = ()) -> Seen:
        """What a text shows, whatever its format; what the asker named is no news to the asker."""
        named = " ".join(given)
        words = frozenset(word for word in self.words if word in text and word not in named)
        return Seen(numbers=numbers_of(text) & self.numbers, words=words)


NOTHING: Final = Marks()


def numbers_of(text: str) -> frozenset[str]:
    """The numbers that stand in a text, each written in the one way in which they can be compared."""
    return frozenset(_key(float(number)) for number in _NUMBER.findall(text))


def has_money(text: str) -> bool:
    """Whether any number in a text is other than zero."""
    return bool(numbers_of(text) - {"0"})


def telling(text: str) -> frozenset[str]:
    """The numbers in a text that have so many digits that two texts do not share them by chance."""
    return frozenset(key for key in numbers_of(text) if _telling(key))


def _key(number: float) -> str:
    return f"{number:.{_SAME_DIGITS}g}"


def _telling(key: str) -> bool:
    digits = key.partition("e")[0].replace(".", "").strip("0")
    return len(digits) >= _FEWEST_DIGITS
