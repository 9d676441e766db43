"""The report as one value: JSON is its canonical form, every other format is derived from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from harness.model import Decision, Environment, Outcome, Profile, Reading, Round, Source, Status, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """One required check: what was demanded, what came of it, and the command that repeats it alone."""

    id: str
    title: str
    profile: Profile
    steps: tuple[str, ...]
    location: str
    outcome: Literal["passed", "failed", "inconclusive", "not-applicable", "not-executed"]
    because: str
    examined: int
    seconds: float
    readings: tuple[Reading, ...]
    findings: tuple[Reading, ...]
    artifacts: tuple[str, ...]
    mask: str | None
    round: Round
    path: str | None
    reproduce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionEntry:
    """One criterion with its verdict; `gap` is the reason of a nonconformance declared beside the target."""

    id: str
    text: str
    status: Status
    because: tuple[str, ...]
    gap: str | None
    checks: tuple[CheckEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementEntry:
    """One requirement with its verdict and its criteria."""

    id: str
    title: str
    text: str
    source: Source
    reading: str
    status: Status
    because: tuple[str, ...]
    criteria: tuple[CriterionEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """What was judged, on what, when; `complete` is false with a selection, `void` lists dead channels and cuts."""

    id: str
    target: Target
    environment: Environment
    seed: int
    profile: Profile
    selection: tuple[str, ...]
    services: str
    started: datetime
    seconds: float
    complete: bool
    void: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How many of each there are, so that nobody mistakes little for much."""

    requirements: int
    criteria: int
    checks: int
    executed: int
    out_of_profile: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report, in the shape that the published JSON schema fixes."""

    run: RunEntry
    census: Census
    requirements: tuple[RequirementEntry, ...]
    decision: Decision
    schema: Literal["conformance-report/1"] = "conformance-report/1"
