"""From verdicts to the one number a pipeline obeys: 0 conformant, 1 nonconformant, 2 cannot be told.

`decide` is the exit rule of a run. `admit` is the gate before a rollout: it adds what makes evidence unfit to decide on
(a partial run, another build, too old) and honours waivers, which never hide a check and never outlive their reason.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from harness import verdict
from harness.errors import EXIT_CONFORMANT, EXIT_NONCONFORMANT, EXIT_UNDETERMINED, Misuse
from harness.model import Decision, Record, Verdict
from harness.verdict import Judgement

_CLOCK_SKEW: Final = timedelta(minutes=5)
_LONGEST_HOURS: Final = 366 * 24

Named = Annotated[str, Field(min_length=1)]


@checked(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Waiver:
    """One nonconformant criterion let through until a date, for a reason, by an owner, for this failure alone."""

    criterion: Named
    reason: Named
    owner: Named
    expires: date
    fingerprint: Named


@checked(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Policy:
    """What a team lets through its gate: the age in hours that evidence may have, and its waivers."""

    max_age_hours: Annotated[float, Field(gt=0, le=_LONGEST_HOURS)] = 24.0
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What the gate asks of the evidence besides its verdicts."""

    now: datetime
    max_age: timedelta
    digest: str | None = None


def read_policy(path: Path) -> Policy:
    """Read a policy file (TOML), or raise Misuse with the first thing wrong in it."""
    try:
        return TypeAdapter(Policy).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise Misuse(f"cannot read the policy file {path.name}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        cause = " ".join(str(error).split())
        hint = "a waiver has criterion, reason, owner, expires and fingerprint"
        raise Misuse(f"the policy file {path.name} is malformed", causes=(cause,), hint=hint) from error


def decide(judgement: Judgement, *, waived: frozenset[str] = frozenset()) -> Decision:
    """Apply the exit rule over the verdicts of a run; a waiver excuses a failure, never a doubt."""
    failing = [criterion for criterion in judgement.criteria if criterion.subject not in waived]
    against = _named(failing, "nonconformant")
    doubts = (
        *(f"void: {reason}" for reason in judgement.void),
        *_named(judgement.criteria, "undetermined"),
        *_empty_requirements(judgement),
        *_mended(judgement),
        *(f"the gap declared for {gap} is closed or unknown: remove it" for gap in judgement.stale_gaps),
    )
    if not judgement.criteria:
        doubts = (*doubts, "nothing was judged")
    return _decision(against=against, doubts=doubts)


def admit(record: Record, judgement: Judgement, *, policy: Policy, demand: Demand) -> Decision:
    """Decide whether evidence opens the gate: 1 for a violation or a spent waiver, 2 for evidence unfit for that."""
    verdicts = _verdicts(record, judgement)
    told = {waiver: tuple(_spent(waiver, verdicts, today=demand.now.date())) for waiver in policy.waivers}
    spent = tuple(reason for reasons in told.values() for reason in reasons)
    decision = decide(judgement, waived=frozenset(waiver.criterion for waiver, reasons in told.items() if not reasons))
    unfit = tuple(_unfit(record, judgement, demand))
    if spent or decision.exit_code == EXIT_NONCONFORMANT:
        return Decision(passed=False, exit_code=EXIT_NONCONFORMANT, reasons=(*spent, *decision.reasons, *unfit))
    if not decision.passed:
        return replace(decision, reasons=(*unfit, *decision.reasons))
    if unfit:
        return _decision(against=(), doubts=unfit)
    return replace(decision, reasons=tuple(_waived(policy, verdicts)) or decision.reasons)


def _verdicts(record: Record, judgement: Judgement) -> Mapping[str, Verdict | None]:
    judged = {criterion.subject: criterion for criterion in judgement.criteria}
    known = (criterion.id for requirement in record.header.requirements for criterion in requirement.criteria)
    return {criterion: judged.get(criterion) for criterion in known}


def _spent(waiver: Waiver, verdicts: Mapping[str, Verdict | None], *, today: date) -> Iterable[str]:
    named = f"the waiver for {waiver.criterion} ({waiver.owner})"
    found = verdicts.get(waiver.criterion)
    if waiver.expires < today:
        yield f"{named} expired on {waiver.expires}"
    elif waiver.criterion not in verdicts:
        yield f"{named} names a criterion that the suite does not have"
    elif found and found.status in ("conformant", "not-applicable"):
        yield f"{named} is not needed: it is {found.status}"
    elif found and found.status == "nonconformant" and verdict.fingerprint(found) != waiver.fingerprint:
        yield f"{named} was given for another failure than today's"


def _waived(policy: Policy, verdicts: Mapping[str, Verdict | None]) -> Iterable[str]:
    for waiver in policy.waivers:
        found = verdicts[waiver.criterion]
        if found and found.status == "nonconformant":
            yield f"{waiver.criterion} is waived until {waiver.expires} by {waiver.owner}: {waiver.reason}"


def _mended(judgement: Judgement) -> Iterable[str]:
    """What is in order only once something was mended: as it is, nobody saw that."""
    for one in judgement.criteria:
        if one.repairs and one.status in ("conformant", "not-applicable"):
            yield f"{one.subject} is {one.status} only under repair: {', '.join(one.repairs)}"


def _unfit(record: Record, judgement: Judgement, demand: Demand) -> Iterable[str]:
    shard = record.header.run.shard
    if shard is not None:
        yield f"the evidence is only shard {shard}: `conform merge` joins it with the others"
    elif not judgement.complete:
        yield "the run judged only a selection of the suite"
    judged = record.header.run.target.digest
    if demand.digest is not None and demand.digest != judged:
        yield f"the evidence is of another build: {judged[:12]} was judged, {demand.digest[:12]} is expected"
    taken = record.footer.finished if record.footer else record.header.run.started
    if demand.now - taken > demand.max_age:
        yield f"the evidence is too old: taken at {taken:%Y-%m-%d %H:%M} UTC, at most {demand.max_age} may pass"
    if taken - demand.now > _CLOCK_SKEW:
        yield f"the evidence claims to be from the future: {taken:%Y-%m-%d %H:%M} UTC"


def _named(verdicts: Sequence[Verdict], status: str) -> tuple[str, ...]:
    return tuple(f"{one.subject} is {status}" for one in verdicts if one.status == status)


def _empty_requirements(judgement: Judgement) -> tuple[str, ...]:
    doubtful = frozenset(one.subject for one in judgement.criteria if one.status == "undetermined")
    return tuple(
        f"{one.subject}: {'; '.join(one.because)}"
        for one in judgement.requirements
        if one.status == "undetermined" and not any(name.startswith(f"{one.subject}.") for name in doubtful)
    )


def _decision(*, against: tuple[str, ...], doubts: tuple[str, ...]) -> Decision:
    if against:
        return Decision(passed=False, exit_code=EXIT_NONCONFORMANT, reasons=(*against, *doubts))
    if doubts:
        return Decision(passed=False, exit_code=EXIT_UNDETERMINED, reasons=doubts)
    return Decision(passed=True, exit_code=EXIT_CONFORMANT, reasons=("every requirement judged is conformant",))
