"""What the people of a target already know to be wrong with it, and how what hides the rest is mended."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A nonconformance that the people of a target already know of, with their reason; it excuses nothing."""

    criterion: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The smallest change by which a defect of a platform no longer hides what else there is to be seen.

    It is made when the reason of a check holds `symptom` (a regular expression), in databases of the run alone:
    `statements` is SQL that follows the platform's own migrations, and with `to_heads` these go to every newest
    revision, where there are several and nobody said to which. The defect itself is judged where it is at home, by
    the criteria `judged_by`, which are never asked again under the repair.
    """

    name: str
    because: str
    symptom: str
    judged_by: tuple[str, ...]
    statements: tuple[str, ...] = ()
    to_heads: bool = False

    def __str__(self) -> str:
        """What is done, in the order in which it is done."""
        return "; ".join((*(("alembic upgrade heads",) if self.to_heads else ()), *self.statements))
