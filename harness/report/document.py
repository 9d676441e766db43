"""The report as one value: JSON is its canonical form, every other format is derived from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from harness.acceptance import Line, Metric, Phase
from harness.model import (
    Canary,
    Decision,
    Environment,
    Figure,
    Profile,
    Reading,
    Round,
    Shard,
    Source,
    Status,
    Target,
)

CheckOutcome = Literal["passed", "failed", "inconclusive", "not-executed", "not-applicable", "out-of-profile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """One execution of one check: what was demanded, what came of it, and the command that repeats it alone.

    A required check without evidence is `not-executed`; a hardened one of a core run is `out-of-profile`.
    """

    id: str
    title: str
    profile: Profile
    steps: tuple[str, ...]
    location: str
    outcome: CheckOutcome
    because: str
    reproduce: str
    examined: int = 0
    seconds: float = 0.0
    readings: tuple[Reading, ...] = ()
    findings: tuple[Reading, ...] = ()
    artifacts: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    mask: str | None = None
    round: Round = "shipped"
    path: str | None = None
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionEntry:
    """One criterion with its verdict; `gap` is the reason of a nonconformance declared beside the target.

    `repairs` names what had to be mended before anybody could see what its verdict says.
    """

    id: str
    text: str
    status: Status
    because: tuple[str, ...]
    gap: str | None
    checks: tuple[CheckEntry, ...]
    repairs: tuple[str, ...] = ()


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
    """What was judged, on what, when.

    `complete` is false with a selection or for one `shard`, `void` says why the run may not be relied on, `canaries`
    are the harness's own signs of life on each channel.
    """

    id: str
    target: Target
    environment: Environment
    seed: int
    profile: Profile
    selection: tuple[str, ...]
    suite: str
    services: str
    started: datetime
    seconds: float
    complete: bool
    void: tuple[str, ...]
    canaries: tuple[Canary, ...] = ()
    shard: Shard | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How many of each there are, so that nobody mistakes little for much.

    `checks` are the required ones, `executed` those of them with evidence, `out_of_profile` counts criteria.
    """

    requirements: int
    criteria: int
    checks: int
    executed: int
    out_of_profile: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report, in the shape that the published JSON schema fixes.

    `metrics`, `acceptance` and `phases` are the document's own summary: sections 2.2, 10 and 8.
    """

    schema: Literal["conformance-report/1"] = "conformance-report/1"
    run: RunEntry
    census: Census
    requirements: tuple[RequirementEntry, ...]
    metrics: tuple[Metric, ...]
    acceptance: tuple[Line, ...]
    phases: tuple[Phase, ...]
    decision: Decision
