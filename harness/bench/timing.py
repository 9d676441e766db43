"""What the evidence of a run tells of its time."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from harness.model import Lane, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One run: seconds until its first outcome and its end, its memory, the end of each lane, each check's seconds."""

    first: float
    whole: float
    megabytes: float
    lanes: Mapping[Lane, float]
    checks: Mapping[str, float]


def read(record: Record, *, began: float, whole: float, megabytes: float) -> Timing:
    """What the evidence of a run tells of its time; `began` is the moment of its start."""
    lane_of: dict[str, Lane] = {
        check.id: check.needs
        for requirement in record.header.requirements
        for criterion in requirement.criteria
        for check in criterion.checks
    }
    ends: dict[Lane, float] = {}
    checks: defaultdict[str, float] = defaultdict(float)
    for line in record.evidence:
        lane = lane_of[line.check]
        ends[lane] = max(ends.get(lane, 0.0), line.at.timestamp() - began)
        checks[line.check] += line.seconds
    first = min(line.at.timestamp() for line in record.evidence) - began
    return Timing(first=first, whole=whole, megabytes=megabytes, lanes=ends, checks=checks)
