"""What runs here, in which lane, and why the rest does not."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness import catalogue, selection, shards
from harness.model import LANES, Check, Lane, Profile, Requirement, Shard


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The required checks of a run by lane, in the order of the catalogue, and the selection that they follow from."""

    required: tuple[Check, ...]
    chosen: tuple[str, ...] = ()

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that have anything to do."""
        return tuple(lane for lane in LANES if self.of(lane))

    def of(self, lane: Lane) -> tuple[Check, ...]:
        """The checks of one lane."""
        return tuple(check for check in self.required if check.needs == lane)


def make(
    requirements: Sequence[Requirement], *, profile: Profile, chosen: Sequence[str], shard: Shard | None = None
) -> Plan:
    """Require the checks of the profile within the selection, or a shard's part of them.

    Raises Misuse when the selection names what is not there, or a shard would have nothing to do.
    """
    selection.verify(chosen, requirements)
    required = _required(requirements, profile=profile, chosen=chosen)
    if shard is None:
        return Plan(required=required, chosen=tuple(chosen))
    own = shards.narrowed(chosen, shards.part(shard, shards.touched(chosen, requirements), required))
    return Plan(required=_required(requirements, profile=profile, chosen=own), chosen=own)


def _required(requirements: Sequence[Requirement], *, profile: Profile, chosen: Sequence[str]) -> tuple[Check, ...]:
    profiles = ("core",) if profile == "core" else ("core", "hardened")
    return tuple(
        check
        for criterion, check in catalogue.checks(requirements)
        if check.profile in profiles and selection.takes_check(chosen, criterion, check)
    )
