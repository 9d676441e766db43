"""From evidence to verdicts: the worst part wins, and what was not seen is not green.

Pure: reads one record and nothing else, so that a run can be judged again at any time.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from harness import selection
from harness.model import (
    Criterion,
    Evidence,
    Failed,
    Inconclusive,
    NotApplicable,
    Passed,
    Profile,
    Record,
    Requirement,
    Status,
    Verdict,
)

# Paths, and every word with a digit: numbers, identifiers, hashes.
_VARIABLE: Final = re.compile(r"(?:/[\w.@+-]+)+/?|[\w-]*\d[\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdicts of a run.

    `void` says why the run may not be relied on, `stale_gaps` names declared gaps that closed or never were,
    and `complete` tells whether the whole suite was asked for.
    """

    requirements: tuple[Verdict, ...]
    criteria: tuple[Verdict, ...]
    void: tuple[str, ...]
    stale_gaps: tuple[str, ...]
    complete: bool


def judge(record: Record) -> Judgement:
    """Give a verdict for every criterion and requirement of the run."""
    profile = record.header.run.profile
    required = frozenset(record.header.required)
    seen = _by_check(record.evidence)
    chosen = record.header.run.selection
    criteria = {
        criterion.id: judge_criterion(criterion, profile=profile, required=required, seen=seen)
        for requirement in record.header.requirements
        for criterion in requirement.criteria
        if selection.takes_criterion(chosen, criterion)
    }
    return Judgement(
        requirements=tuple(
            judge_requirement(requirement, criteria)
            for requirement in record.header.requirements
            if not chosen or any(criterion.id in criteria for criterion in requirement.criteria)
        ),
        criteria=tuple(criteria.values()),
        void=_void(record),
        stale_gaps=_stale_gaps(record, criteria),
        complete=not chosen,
    )


def fingerprint(verdict: Verdict) -> str:
    """Identify a failure across runs: SHA-256 of check ids and reasons without numbers and paths."""
    reasons = sorted(_lasting(reason, verdict.evidence) for reason in verdict.because)
    return hashlib.sha256("\n".join((verdict.subject, *reasons)).encode()).hexdigest()


def judge_criterion(
    criterion: Criterion, *, profile: Profile, required: frozenset[str], seen: Mapping[str, Sequence[Evidence]]
) -> Verdict:
    """Apply the table of the criterion's status, first match."""
    checks = tuple(check.id for check in criterion.checks if check.id in required)
    status, because = _status(criterion, checks, seen, left_out=criterion.hardened and profile == "core")
    mended = dict.fromkeys(name for check in checks for one in seen.get(check, ()) for name in one.repairs)
    return Verdict(subject=criterion.id, status=status, because=because, evidence=checks, repairs=tuple(mended))


def judge_requirement(requirement: Requirement, criteria: Mapping[str, Verdict]) -> Verdict:
    """Nonconformant over undetermined over conformant; what does not apply or is out of profile is left out."""
    parts = [criteria[criterion.id] for criterion in requirement.criteria if criterion.id in criteria]
    mended = tuple(dict.fromkeys(name for part in parts for name in part.repairs))
    ranking: tuple[Status, ...] = ("nonconformant", "undetermined", "conformant")
    for status in ranking:
        named = tuple(part.subject for part in parts if part.status == status)
        if named:
            because = () if status == "conformant" else tuple(f"{name} is {status}" for name in named)
            return Verdict(
                subject=requirement.id, status=status, because=because, evidence=_evidence(parts), repairs=mended
            )
    nothing = ("no criterion of it applies or is judged in this run",)
    return Verdict(subject=requirement.id, status="undetermined", because=nothing, evidence=_evidence(parts))


def _status(
    criterion: Criterion, checks: tuple[str, ...], seen: Mapping[str, Sequence[Evidence]], *, left_out: bool
) -> tuple[Status, tuple[str, ...]]:
    failures = tuple(_reasons(checks, seen, Failed))
    if failures:
        return "nonconformant", failures
    if criterion.untested:
        return "undetermined", (f"nobody can test it: {criterion.untested}",)
    if left_out:
        return "out-of-profile", ("only the hardened profile checks it",)
    if not checks:
        return "undetermined", ("it has no check",)
    doubts = (*_unexecuted(checks, seen), *_reasons(checks, seen, Inconclusive))
    if doubts:
        return "undetermined", doubts
    return _settled(checks, seen)


def _settled(checks: tuple[str, ...], seen: Mapping[str, Sequence[Evidence]]) -> tuple[Status, tuple[str, ...]]:
    outcomes = [evidence.outcome for check in checks for evidence in seen[check]]
    if any(isinstance(outcome, Passed) for outcome in outcomes):
        return "conformant", ()
    return "not-applicable", tuple(_reasons(checks, seen, NotApplicable))


def _reasons(
    checks: Iterable[str],
    seen: Mapping[str, Sequence[Evidence]],
    kind: type[Failed] | type[Inconclusive] | type[NotApplicable],
) -> Iterable[str]:
    for check in checks:
        for evidence in seen.get(check, ()):
            match evidence.outcome:
                case Passed():
                    continue
                case Failed() | Inconclusive() | NotApplicable() as outcome:
                    if isinstance(outcome, kind):
                        yield f"{check}: {outcome.because}"
                case _:
                    assert_never(evidence.outcome)


def _unexecuted(checks: Iterable[str], seen: Mapping[str, Sequence[Evidence]]) -> tuple[str, ...]:
    return tuple(f"{check}: was not executed" for check in checks if not seen.get(check))


def _void(record: Record) -> tuple[str, ...]:
    dead = [
        f"the {canary.lane} lane did not see its own sign on {canary.channel}"
        for canary in record.canaries
        if not canary.seen
    ]
    footer = record.footer
    if footer is None:
        return (*dead, "the run was cut short: its evidence has no footer")
    changed = footer.target_digest != record.header.run.target.digest
    moved = ("the platform changed while it was being judged",) if changed else ()
    return (*dead, *moved, *footer.troubles)


def _stale_gaps(record: Record, criteria: Mapping[str, Verdict]) -> tuple[str, ...]:
    known = frozenset(criterion.id for requirement in record.header.requirements for criterion in requirement.criteria)
    return tuple(
        gap.criterion
        for gap in record.header.run.target.gaps
        if gap.criterion not in known
        or (gap.criterion in criteria and criteria[gap.criterion].status in ("conformant", "not-applicable"))
    )


def _lasting(reason: str, checks: Sequence[str]) -> str:
    # The id of a check is told apart by its numbers; what it saw is not.
    named = next((check for check in checks if reason.startswith(f"{check}: ")), "")
    return named + _VARIABLE.sub("#", reason.removeprefix(named))


def _by_check(evidence: Iterable[Evidence]) -> dict[str, list[Evidence]]:
    """What speaks for each check: where known defects had hidden what it wanted to see, the last round alone.

    That one may have seen nothing: what failed before failed by the defect, which is judged where it is at home.
    """
    grouped: dict[str, list[Evidence]] = {}
    for line in evidence:
        known = grouped.setdefault(line.check, [])
        if line.round == "repaired":
            known[:] = [one for one in known if one.repairs == line.repairs or one.path != line.path]
        known.append(line)
    return grouped


def _evidence(parts: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(check for part in parts for check in part.evidence)
