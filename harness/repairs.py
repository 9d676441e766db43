"""Which checks are asked again because one defect hid what they wanted to see, and what is mended for that."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness import catalogue
from harness.model import Check, Evidence, Header, Passed, Repair
from harness.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """The repairs whose symptoms were seen, and the checks that saw nothing else."""

    repairs: tuple[Repair, ...]
    planned: Plan


def masked(header: Header, seen: Iterable[Evidence], *, mended: tuple[Repair, ...] = ()) -> Masked:
    """What another round is to look at: nothing, unless a known defect showed its symptom in the round before.

    What was `mended` for that one stays so: behind one defect there may be another.
    """
    homes = {check.id: criterion.id for criterion, check in catalogue.checks(header.requirements)}
    found: dict[str, Repair] = {}
    hidden: set[str] = set()
    for one in seen:
        for repair in header.run.target.repairs:
            if homes[one.check] not in repair.judged_by and is_symptom(repair, one):
                found[repair.name] = repair
                hidden.add(one.check)
    fresh = tuple(repair for repair in found.values() if repair not in mended)
    return Masked(repairs=(*mended, *fresh) if fresh else (), planned=Plan(required=_known(header, hidden)))


def is_symptom(repair: Repair, evidence: Evidence) -> bool:
    """Whether a check came to nothing, or to a failure, by the defect that this repair mends."""
    outcome = evidence.outcome
    return not isinstance(outcome, Passed) and re.search(repair.symptom, outcome.because) is not None


def _known(header: Header, hidden: set[str]) -> tuple[Check, ...]:
    checks: Mapping[str, Check] = {check.id: check for _, check in catalogue.checks(header.requirements)}
    return tuple(check for name, check in checks.items() if name in hidden)
