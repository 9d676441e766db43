"""What runs here, in which lane, and why the rest does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness import catalogue, selection
from harness.model import LANES, Check, Lane, Profile, Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The required checks of a run by lane, in the order of the catalogue."""

    required: tuple[Check, ...]

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that have anything to do."""
        return tuple(lane for lane in LANES if self.of(lane))

    def of(self, lane: Lane) -> tuple[Check, ...]:
        """The checks of one lane."""
        return tuple(check for check in self.required if check.needs == lane)


def make(requirements: Sequence[Requirement], *, profile: Profile, chosen: Sequence[str]) -> Plan:
    """Require the checks of the profile within the selection; Misuse when the selection names what is not there."""
    selection.verify(chosen, requirements)
    profiles = ("core",) if profile == "core" else ("core", "hardened")
    return Plan(
        required=tuple(
            check
            for criterion, check in catalogue.checks(requirements)
            if check.profile in profiles and selection.takes_check(chosen, criterion, check)
        )
    )
