"""What the people of a target already know to be wrong with it, and how what hides the rest is mended."""

from dataclasses import dataclass
from typing import Final, Literal

Taken = Literal["head", "heads", "one by one"]
# How far each way of taking the migrations strays from what operators do, the least first.
WAYS: Final[tuple[Taken, ...]] = ("head", "heads", "one by one")
_ORDERS: Final = {
    "heads": "alembic upgrade heads",
    "one by one": "each revision alone; one that fails is tried again after the others, and left out if it still fails",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A nonconformance that the people of a target already know of, with their reason; it excuses nothing."""

    criterion: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The smallest change by which a defect of a platform no longer hides what else there is to be seen.

    It is made when the reason of a check holds `symptom` (a regular expression), in databases of the run alone.
    `taken` is how the platform's own migrations go up: to the newest revision; to every newest one, where there are
    several and nobody said to which; or one by one, where their own order does not get there. `statements` is SQL
    that follows. The defect itself is judged where it is at home, by the criteria `judged_by`, which are never asked
    again under the repair.
    """

    name: str
    because: str
    symptom: str
    judged_by: tuple[str, ...]
    statements: tuple[str, ...] = ()
    taken: Taken = "head"

    def __str__(self) -> str:
        """What is done, in the order in which it is done."""
        return "; ".join((*((_ORDERS[self.taken],) if self.taken != "head" else ()), *self.statements))
