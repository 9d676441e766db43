"""Composes the report: joins what a record saw with what follows from it, and concludes nothing itself."""

from collections import defaultdict
from dataclasses import dataclass
from typing import assert_never

from harness import acceptance, selection
from harness.model import (
    Check,
    Criterion,
    Decision,
    Evidence,
    Failed,
    Inconclusive,
    NotApplicable,
    Outcome,
    Passed,
    Record,
    Requirement,
    Run,
    Verdict,
)
from harness.report import command, surroundings
from harness.report.document import (
    Census,
    CheckEntry,
    CheckOutcome,
    CriterionEntry,
    Report,
    RequirementEntry,
    RunEntry,
)
from harness.verdict import Judgement

NO_EVIDENCE = "the record holds no evidence of this check"
OUT_OF_PROFILE = "a hardened check, which a core run leaves out"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The record and its judgement, indexed by id."""

    run: Run
    required: frozenset[str]
    verdicts: dict[str, Verdict]
    evidence: dict[str, list[Evidence]]


def compose(record: Record, judgement: Judgement, decision: Decision) -> Report:
    """Join a record, its judgement and the decision into the report; only what has a verdict gets an entry."""
    sheet = _sheet(record, judgement)
    requirements = tuple(_requirement(sheet, each) for each in record.header.requirements if each.id in sheet.verdicts)
    assessed = acceptance.assess(record, judgement)
    return Report(
        run=_run(record, judgement),
        census=_census(sheet, requirements),
        requirements=requirements,
        metrics=assessed.metrics,
        acceptance=assessed.lines,
        phases=assessed.phases,
        decision=decision,
    )


def _sheet(record: Record, judgement: Judgement) -> _Sheet:
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for each in record.evidence:
        evidence[each.check].append(each)
    return _Sheet(
        run=record.header.run,
        required=frozenset(record.header.required),
        verdicts={each.subject: each for each in (*judgement.requirements, *judgement.criteria)},
        evidence=dict(evidence),
    )


def _run(record: Record, judgement: Judgement) -> RunEntry:
    run = record.header.run
    return RunEntry(
        id=run.id,
        target=run.target,
        environment=surroundings.completed(run.environment, record.canaries),
        seed=run.environment.seed,
        profile=run.profile,
        selection=run.selection,
        suite=run.suite,
        services=run.environment.services,
        started=run.started,
        seconds=_duration(record),
        complete=judgement.complete,
        void=judgement.void,
        canaries=surroundings.without_passwords(record.canaries),
        shard=run.shard,
    )


def _duration(record: Record) -> float:
    """Seconds of the run; of a run that was cut short, those up to the end of the last check seen."""
    if record.footer is not None:
        return record.footer.seconds
    started = record.header.run.started
    last = max((each.at for each in record.evidence), default=started)
    return max(0.0, (last - started).total_seconds())


def _requirement(sheet: _Sheet, requirement: Requirement) -> RequirementEntry:
    verdict = sheet.verdicts[requirement.id]
    return RequirementEntry(
        id=requirement.id,
        title=requirement.title,
        text=requirement.text,
        source=requirement.source,
        reading=requirement.reading,
        status=verdict.status,
        because=verdict.because,
        criteria=tuple(_criterion(sheet, each) for each in requirement.criteria if each.id in sheet.verdicts),
    )


def _criterion(sheet: _Sheet, criterion: Criterion) -> CriterionEntry:
    verdict = sheet.verdicts[criterion.id]
    gaps = {gap.criterion: gap.because for gap in sheet.run.target.gaps}
    return CriterionEntry(
        id=criterion.id,
        text=criterion.text,
        status=verdict.status,
        because=verdict.because,
        gap=gaps.get(criterion.id),
        repairs=verdict.repairs,
        checks=tuple(entry for check in criterion.checks for entry in _entries(sheet, criterion, check)),
    )


def _entries(sheet: _Sheet, criterion: Criterion, check: Check) -> tuple[CheckEntry, ...]:
    """One entry per execution; none for a check that this run's selection left out."""
    if seen := sheet.evidence.get(check.id):
        return tuple(_executed(sheet.run, check, each) for each in seen)
    if check.id in sheet.required:
        return (_unseen(sheet.run, check, "not-executed", NO_EVIDENCE),)
    left_out = check.profile == "hardened" and sheet.run.profile == "core"
    if left_out and selection.takes_check(sheet.run.selection, criterion, check):
        return (_unseen(sheet.run, check, "out-of-profile", OUT_OF_PROFILE),)
    return ()


def _executed(run: Run, check: Check, evidence: Evidence) -> CheckEntry:
    return CheckEntry(
        id=check.id,
        title=check.title,
        profile=check.profile,
        steps=check.steps,
        location=check.location,
        outcome=evidence.outcome.kind,
        because=_because(evidence.outcome),
        examined=sum(reading.examined for reading in evidence.readings),
        seconds=evidence.seconds,
        readings=evidence.readings,
        findings=evidence.findings,
        artifacts=evidence.artifacts,
        figures=evidence.figures,
        mask=evidence.mask,
        round=evidence.round,
        path=evidence.path,
        repairs=evidence.repairs,
        reproduce=command.repeating(run, check),
    )


def _because(outcome: Outcome) -> str:
    match outcome:
        case Passed():
            return ""
        case Failed() | Inconclusive() | NotApplicable():
            return outcome.because
        case _:
            assert_never(outcome)


def _unseen(run: Run, check: Check, outcome: CheckOutcome, because: str) -> CheckEntry:
    return CheckEntry(
        id=check.id,
        title=check.title,
        profile=check.profile,
        steps=check.steps,
        location=check.location,
        outcome=outcome,
        because=because,
        reproduce=command.repeating(run, check),
    )


def _census(sheet: _Sheet, requirements: tuple[RequirementEntry, ...]) -> Census:
    criteria = [criterion for requirement in requirements for criterion in requirement.criteria]
    return Census(
        requirements=len(requirements),
        criteria=len(criteria),
        checks=len(sheet.required),
        executed=len(sheet.required & sheet.evidence.keys()),
        out_of_profile=sum(criterion.status == "out-of-profile" for criterion in criteria),
    )
