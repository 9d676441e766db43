"""Compares two reports: which criteria and checks turned, and what else differs that may explain it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness import verdict
from harness.model import Verdict
from harness.report import text
from harness.report.document import CheckEntry, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One criterion or check that is not what it was; `before` or `after` is None where it did not exist."""

    subject: str
    before: str | None
    after: str | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What turned between two reports; `context` names what else changed: decision, target, profile, seed, suite."""

    runs: tuple[str, str]
    context: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    criteria: tuple[Turn, ...]
    checks: tuple[Turn, ...]

    @property
    def empty(self) -> bool:
        """Whether no requirement, criterion or check differs."""
        return not (self.added or self.removed or self.criteria or self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What one subject came to; two states with one fingerprint are the same."""

    word: str
    because: str
    fingerprint: str = ""


def compare(before: Report, after: Report) -> Difference:
    """Say what turned from one report to the other; a failure for another reason counts, other numbers do not."""
    earlier = tuple(each.id for each in before.requirements)
    later = tuple(each.id for each in after.requirements)
    return Difference(
        runs=(before.run.id, after.run.id),
        context=tuple(_context(before, after)),
        added=tuple(each for each in later if each not in earlier),
        removed=tuple(each for each in earlier if each not in later),
        criteria=tuple(_turns(_criteria(before), _criteria(after))),
        checks=tuple(_turns(_checks(before), _checks(after))),
    )


def render(difference: Difference) -> str:
    """Short text for a terminal, ending with a newline."""
    return "\n".join(_lines(difference)) + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    yield f"From run {difference.runs[0]} to run {difference.runs[1]}"
    yield from (f"  {each}" for each in difference.context)
    yield from (f"+ {each} is new" for each in difference.added)
    yield from (f"- {each} is gone" for each in difference.removed)
    for heading, turns in (("Criteria that turned", difference.criteria), ("Checks that turned", difference.checks)):
        if turns:
            yield f"\n{heading}"
            yield from (_line(turn) for turn in turns)
    if difference.empty:
        yield "Nothing turned."


def _line(turn: Turn) -> str:
    because = " ".join(text.shown(turn.because, 400).split())
    if turn.before == turn.after:
        return f"  {turn.subject}: still {turn.after}, for another reason: {because}"
    reason = f": {because}" if because else ""
    return f"  {turn.subject}: {turn.before or 'absent'} → {turn.after or 'absent'}{reason}"


def _context(before: Report, after: Report) -> Iterator[str]:
    earlier, later = _circumstances(before), _circumstances(after)
    for name, old in earlier.items():
        if old != later[name]:
            yield text.shown(f"{name}: {old} → {later[name]}", 400)


def _circumstances(report: Report) -> dict[str, str]:
    run = report.run
    return {
        "exit code": str(report.decision.exit_code),
        "target": f"{run.target.name} {run.target.version}",
        "digest": run.target.digest[:12],
        "profile": run.profile,
        "seed": str(run.seed),
        "services": run.services,
        "selection": ", ".join(run.selection) or "the whole suite",
        "shard": str(run.shard or "none"),
        "suite": run.suite,
        "checks required": str(report.census.checks),
    }


def _turns(before: Mapping[str, _State], after: Mapping[str, _State]) -> Iterator[Turn]:
    for subject in dict.fromkeys((*before, *after)):
        old, new = before.get(subject), after.get(subject)
        if old is None or new is None or (old.word, old.fingerprint) != (new.word, new.fingerprint):
            yield Turn(
                subject=subject,
                before=old.word if old else None,
                after=new.word if new else None,
                because=new.because if new else "",
            )


def _criteria(report: Report) -> dict[str, _State]:
    return {
        criterion.id: _State(word=criterion.status, because="; ".join(criterion.because))
        for requirement in report.requirements
        for criterion in requirement.criteria
    }


def _checks(report: Report) -> dict[str, _State]:
    return {
        _name(check): _state(check)
        for requirement in report.requirements
        for criterion in requirement.criteria
        for check in criterion.checks
    }


def _name(check: CheckEntry) -> str:
    """A check may be executed by several paths and in two rounds: each is compared with its like."""
    path = f" by {check.path}" if check.path else ""
    return f"{check.id}{path}" if check.round == "shipped" else f"{check.id}{path}, {check.round}"


def _state(check: CheckEntry) -> _State:
    same = Verdict(subject=check.id, status="undetermined", because=(check.because,), evidence=())
    return _State(word=check.outcome, because=check.because, fingerprint=verdict.fingerprint(same))
