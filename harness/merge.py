"""Joins the shards of one run into what the whole run would have seen; whatever is not of that run is refused."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from pydantic import TypeAdapter

from harness import plan
from harness.errors import ConformError
from harness.model import Canary, Evidence, Header, Record, Requirement, Run, Shard
from harness.plan import Plan

_REQUIREMENTS: Final = TypeAdapter(tuple[Requirement, ...])
_TELLING: Final = 12


class ShardsRefused(ConformError):
    """What was to be merged are not the shards of one run, each once."""

    code: ClassVar[str] = "shards-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The evidence of one shard, with the name by which people know the file."""

    name: str
    record: Record

    @property
    def run(self) -> Run:
        """The run that it is of."""
        return self.record.header.run


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What is written as one evidence file: its header, its lines, and what its footer says.

    `finished` is when the first shard ended, since evidence is as old as its oldest part; `seconds` is the work of all.
    """

    header: Header
    lines: tuple[Evidence | Canary, ...]
    finished: datetime
    seconds: float
    target_digest: str
    troubles: tuple[str, ...]


def join(parts: Sequence[Part], *, run_id: str) -> Joined:
    """Join the shards of one run, in any order; raises ShardsRefused for one that is missing, doubled or foreign."""
    by_number = _numbered(parts)
    _refuse_foreign(parts)
    ordered = tuple(by_number[number] for number in sorted(by_number))
    whole = _planned(ordered[0], shard=None)
    _refuse_missing(by_number, ordered[0])
    _refuse_recut(ordered)
    return Joined(
        header=_header(ordered, whole, run_id=run_id),
        lines=(*_canaries(ordered), *_evidence(ordered, whole)),
        finished=min(_ended(part.record) for part in ordered),
        seconds=round(sum(part.record.footer.seconds for part in ordered if part.record.footer), 3),
        target_digest=_target_digest(ordered),
        troubles=tuple(_troubles(ordered)),
    )


def log_name(part: Part, name: str) -> str:
    """How a log of a shard is called beside the evidence of the whole run."""
    return f"shard-{part.run.shard.number}-{name}" if part.run.shard else name


def _numbered(parts: Iterable[Part]) -> dict[int, Part]:
    by_number: dict[int, Part] = {}
    for part in parts:
        shard = part.run.shard
        if shard is None:
            hint = "`conform report` and `conform gate` take it as it is"
            raise ShardsRefused(f"{part.name} is the evidence of a run that was not shared out", hint=hint)
        if shard.number in by_number:
            message = f"shard {shard} was given twice: {by_number[shard.number].name} and {part.name}"
            raise ShardsRefused(message, hint="name the evidence of each shard once")
        by_number[shard.number] = part
    if not by_number:
        raise ShardsRefused("no evidence was given", hint="name the evidence.jsonl of each shard")
    return by_number


def _refuse_foreign(parts: Sequence[Part]) -> None:
    first, *others = parts
    facts = _facts(first.record.header)
    for other in others:
        theirs = _facts(other.record.header)
        causes = tuple(f"{name}: {facts[name]} and {theirs[name]}" for name in facts if facts[name] != theirs[name])
        if causes:
            raise ShardsRefused(
                f"{first.name} and {other.name} are not of one run",
                causes=causes,
                hint="give every shard the same suite, target, profile and `--seed`",
            )


def _facts(header: Header) -> Mapping[str, str]:
    """What shards of one run have in common, in words that fit into a message."""
    run = header.run
    return {
        "shards": str(run.shard.of if run.shard else 0),
        "seed": str(run.environment.seed),
        "target": f"{run.target.name} {run.target.version}",
        "digest of the target": run.target.digest[:_TELLING],
        "profile": run.profile,
        "selection": ", ".join(run.asked) or "the whole suite",
        "requirements": hashlib.sha256(_REQUIREMENTS.dump_json(header.requirements)).hexdigest()[:_TELLING],
        "services": run.environment.services,
        "versions": ", ".join(f"{name} {version}" for name, version in sorted(run.environment.versions.items())),
        "known gaps": ", ".join(gap.criterion for gap in run.target.gaps) or "none",
    }


def _refuse_missing(by_number: Mapping[int, Part], first: Part) -> None:
    of = first.run.shard.of if first.run.shard else 0
    missing = tuple(str(Shard(number=number, of=of)) for number in range(1, of + 1) if number not in by_number)
    if missing:
        seed = first.run.environment.seed
        hint = f"run what is missing: `conform run --shard {missing[0]} --seed {seed}`"
        raise ShardsRefused(f"without the shards {', '.join(missing)} this is no whole run", hint=hint)


def _refuse_recut(ordered: Iterable[Part]) -> None:
    """A shard that was cut by another version's rules may overlap with the others."""
    for part in ordered:
        required = tuple(check.id for check in _planned(part, shard=part.run.shard).required)
        if part.record.header.required != required:
            hint = "run all shards again with this version"
            raise ShardsRefused(f"{part.name} does not hold what shard {part.run.shard} must", hint=hint)


def _planned(part: Part, *, shard: Shard | None) -> Plan:
    run = part.run
    return plan.make(part.record.header.requirements, profile=run.profile, chosen=run.asked, shard=shard)


def _header(ordered: Sequence[Part], whole: Plan, *, run_id: str) -> Header:
    first = ordered[0].record.header
    machines = dict.fromkeys(part.run.environment.machine for part in ordered)
    run = replace(
        first.run,
        id=run_id,
        environment=replace(first.run.environment, machine="; ".join(machines)),
        selection=whole.chosen,
        started=min(part.run.started for part in ordered),
        shard=None,
        asked=(),
    )
    return replace(first, run=run, required=tuple(check.id for check in whole.required))


def _canaries(ordered: Iterable[Part]) -> Iterator[Canary]:
    for part in ordered:
        yield from part.record.canaries


def _evidence(ordered: Iterable[Part], whole: Plan) -> list[Evidence]:
    places = {check.id: place for place, check in enumerate(whole.required)}
    lines = (line for part in ordered for line in part.record.evidence)
    return sorted(lines, key=lambda line: places[line.check])


def _ended(record: Record) -> datetime:
    return record.footer.finished if record.footer else record.header.run.started


def _target_digest(ordered: Iterable[Part]) -> str:
    """The digest of the source as the shards left it: one that changed for any of them changed."""
    judged = ""
    for part in ordered:
        judged = part.run.target.digest
        if part.record.footer and part.record.footer.target_digest != judged:
            return part.record.footer.target_digest
    return judged


def _troubles(ordered: Iterable[Part]) -> Iterator[str]:
    for part in ordered:
        if part.record.footer is None:
            yield f"shard {part.run.shard} was cut short: its evidence has no footer"
        else:
            yield from (f"shard {part.run.shard}: {trouble}" for trouble in part.record.footer.troubles)
