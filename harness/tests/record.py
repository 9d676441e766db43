"""Records of six lines: one requirement, criteria of one or two checks, and what was seen of them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from harness.model import (
    Canary,
    Check,
    Criterion,
    Environment,
    Evidence,
    Footer,
    Gap,
    Header,
    Outcome,
    Profile,
    Record,
    Requirement,
    Run,
    Source,
    Target,
)

STARTED: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
FINISHED: Final = STARTED + timedelta(minutes=1)
DIGEST: Final = "d" * 64


def check(identity: str, *, profile: Profile = "core") -> Check:
    """Name a check."""
    return Check(
        id=identity, title=identity, profile=profile, needs="source", steps=(), location="features/a.feature:9"
    )


def criterion(number: int, *checks: Check, untested: str | None = None, hardened: bool = False) -> Criterion:
    """Name a criterion of REQ-A-001 with its checks."""
    return Criterion(id=f"REQ-A-001.{number}", text="it holds", checks=checks, untested=untested, hardened=hardened)


def requirement(*criteria: Criterion, name: str = "REQ-A-001") -> Requirement:
    """Name a requirement with its criteria."""
    source = Source(section="1", kind="document")
    return Requirement(id=name, title="", text="", source=source, reading="", criteria=criteria)


def header(
    *requirements: Requirement,
    profile: Profile = "core",
    selection: tuple[str, ...] = (),
    gaps: tuple[Gap, ...] = (),
) -> Header:
    """Begin a record; every check of the profile is required."""
    checks = (one for each in requirements for criterion in each.criteria for one in criterion.checks)
    profiles = ("core",) if profile == "core" else ("core", "hardened")
    return Header(
        run=Run(
            id="a",
            target=Target(name="a", version="1", digest=DIGEST, source="a", python="python", gaps=gaps),
            environment=Environment(services="embedded", addresses={}, versions={}, seed=1, machine="a"),
            profile=profile,
            selection=selection,
            started=STARTED,
            suite="a",
        ),
        requirements=requirements,
        required=tuple(one.id for one in checks if one.profile in profiles),
    )


def evidence(seen: Iterable[tuple[str, Outcome]]) -> tuple[Evidence, ...]:
    """Say what each check came to."""
    return tuple(Evidence(check=name, outcome=outcome, at=STARTED) for name, outcome in seen)


def footer(*, target_digest: str = DIGEST, troubles: tuple[str, ...] = (), finished: datetime = FINISHED) -> Footer:
    """End a record."""
    return Footer(lines=1, digest="", seconds=60.0, finished=finished, target_digest=target_digest, troubles=troubles)


def record(
    first: Header,
    seen: Mapping[str, Outcome] | tuple[tuple[str, Outcome], ...],
    *,
    last: Footer | None = None,
    canaries: tuple[Canary, ...] = (),
) -> Record:
    """Join the lines."""
    return Record(
        header=first,
        evidence=evidence(seen.items() if isinstance(seen, Mapping) else seen),
        canaries=canaries,
        footer=last or footer(),
    )
