"""From verdicts to the one number a pipeline obeys: 0 conformant, 1 nonconformant, 2 cannot be told.

`decide` is the exit rule of a run. `admit` is the gate before a rollout: it adds what makes evidence unfit to decide on
(a partial run, another build, too old) and honours waivers, which never hide a check and never outlive their reason.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from harness import verdict
from harness.errors import EXIT_CONFORMANT, EXIT_NONCONFORMANT, EXIT_UNDETERMINED, Misuse
from harness.model import Decision, Record, Verdict
from harness.verdict import Judgement

_CLOCK_SKEW: Final = timedelta(minutes=5)


@checked(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Waiver:
    """One nonconformant criterion let through until a date, for a reason, by an owner, for this failure alone."""

    criterion: str
    reason: str
    owner: str
    expires: date
    fingerprint: str


@checked(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Policy:
    """What a team lets through its gate: the age in hours that evidence may have, and its waivers."""

    max_age_hours: float = 24.0
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
        return TypeAdapter(Policy).validate_python(tomllib.loads(path.read_text()))
    except OSError as error:
        raise Misuse(f"cannot read the policy file {path.name}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        cause = " ".join(str(error).split())
        hint = "a waiver has criterion, reason, owner, expires and fingerprint"
        raise Misuse(f"the policy file {path.name} is malformed", causes=(cause,), hint=hint) from error


def decide(judgement: Judgement, *, waived: frozenset[str] = frozenset()) -> Decision:
    """Apply the exit rule over the verdicts of a run, leaving out the criteria of valid waivers."""
    standing = [criterion for criterion in judgement.criteria if criterion.subject not in waived]
    against = _named(standing, "nonconformant")
    doubts = (
        *(f"void: {reason}" for reason in judgement.void),
        *_named(standing, "undetermined"),
        *_empty_requirements(judgement),
        *(f"the gap declared for {gap} is closed: remove it" for gap in judgement.stale_gaps),
    )
    if not judgement.criteria:
        doubts = (*doubts, "nothing was judged")
    return _decision(against=against, doubts=doubts)


def admit(record: Record, judgement: Judgement, *, policy: Policy, demand: Demand) -> Decision:
    """Decide whether evidence opens the gate: 1 for a violation or a spent waiver, 2 for evidence unfit to decide on."""
    verdicts = {criterion.subject: criterion for criterion in judgement.criteria}
    today = demand.now.date()
    spent = tuple(reason for waiver in policy.waivers for reason in _spent(waiver, verdicts, today=today))
    valid = frozenset(waiver.criterion for waiver in policy.waivers if not tuple(_spent(waiver, verdicts, today=today)))
    decision = decide(judgement, waived=valid)
    unfit = tuple(_unfit(record, judgement, demand))
    if spent or decision.exit_code == EXIT_NONCONFORMANT:
        return Decision(passed=False, exit_code=EXIT_NONCONFORMANT, reasons=(*spent, *decision.reasons, *unfit))
    return _decision(against=(), doubts=(*unfit, *(() if decision.passed else decision.reasons)))


def _spent(waiver: Waiver, verdicts: Mapping[str, Verdict], *, today: date) -> Iterable[str]:
    found = verdicts.get(waiver.criterion)
    if waiver.expires < today:
        yield f"the waiver for {waiver.criterion} ({waiver.owner}) expired on {waiver.expires}"
    elif found is None:
        yield f"the waiver for {waiver.criterion} ({waiver.owner}) names a criterion that was not judged"
    elif found.status != "nonconformant":
        yield f"the waiver for {waiver.criterion} ({waiver.owner}) is not needed: it is {found.status}"
    elif verdict.fingerprint(found) != waiver.fingerprint:
        yield f"the waiver for {waiver.criterion} ({waiver.owner}) was given for another failure than today's"


def _unfit(record: Record, judgement: Judgement, demand: Demand) -> Iterable[str]:
    if not judgement.complete:
        yield "the run judged only a selection of the suite"
    judged = record.header.run.target.digest
    if demand.digest and demand.digest != judged:
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
