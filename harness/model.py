"""The nouns of the harness: frozen values that every other module passes around.

A reading is what an instrument said; an outcome is what one check came to; a verdict is what follows for a
criterion or a requirement; a decision is what a pipeline obeys. None of them is another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

# Whoever measures finds the figures beside the reading.
from harness.figure import Distribution, Figure, Hierarchy, LayerImport, Pairs
from harness.shortcoming import Gap, Repair

__all__ = ["Distribution", "Figure", "Gap", "Hierarchy", "LayerImport", "Pairs", "Repair"]

Lane = Literal["source", "service", "fresh", "quiet"]
LANES: tuple[Lane, ...] = ("source", "service", "fresh", "quiet")
Profile = Literal["core", "hardened"]
SourceKind = Literal["document", "derived"]
Round = Literal["shipped", "repaired"]
Status = Literal["conformant", "nonconformant", "undetermined", "not-applicable", "out-of-profile"]
Metric = Literal["imports", "own-tests", "served-calls", "budget-decisions"]
Seen = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One scenario, or one row of its Examples: the only kind of check there is."""

    id: str
    title: str
    profile: Profile
    needs: Lane
    steps: tuple[str, ...]
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One `Rule:` of a feature file, a sentence that must be true; `untested` says why nobody can test it."""

    id: str
    text: str
    checks: tuple[Check, ...]
    untested: str | None = None
    hardened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the document states a requirement: its section, and whether the id is the document's own."""

    section: str
    kind: SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One feature file: a statement of the document, our reading of it, and its criteria.

    `chapter` is the folder of that file: what its features measure together is measured once.
    """

    id: str
    title: str
    text: str
    source: Source
    reading: str
    criteria: tuple[Criterion, ...]
    chapter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The platform being judged: `digest` is the SHA-256 over sorted relative paths and bytes of `source`.

    `repairs` are those that its people know, whether they are needed or not.
    """

    name: str
    version: str
    digest: str
    source: str
    python: str
    capabilities: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the run stood on: kind of services and why, addresses, versions, the seed of all inputs, the machine."""

    services: str
    addresses: dict[str, str]
    versions: dict[str, str]
    seed: int
    machine: str
    services_because: str = ""

    @property
    def pythons(self) -> tuple[str, ...]:
        """The versions of every Python that may run the platform's code: the one named, and those of containers."""
        told = (self.versions.get(name, "") for name in ("python", "platform's Python", "examiner's Python"))
        return tuple(version.split()[0] for version in told if version[:1].isdigit())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A share of what one success metric of the document counts: so many were right of so many that were looked at.

    Whoever notes it sees to it that nothing is counted twice in a run.
    """

    metric: Metric
    right: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an instrument said, with the number of things it examined and the seconds it took."""

    instrument: str
    claim: str
    observed: Seen
    examined: int
    expected: Seen = None
    seconds: float = 0.0
    tally: Tally | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The check completed and an instrument examined something."""

    kind: Literal["passed"] = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The platform did otherwise than the check demands."""

    because: str
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconclusive:
    """Nothing follows for the platform: the check could not look, or looked at nothing."""

    because: str
    kind: Literal["inconclusive"] = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """An instrument looked for a conditional capability and found none."""

    because: str
    kind: Literal["not-applicable"] = "not-applicable"


Outcome = Annotated[Passed | Failed | Inconclusive | NotApplicable, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one execution of one check saw and came to, `at` its end; `mask` names the operation that hid the rest.

    In the round `repaired`, `repairs` names what was mended for it.
    """

    check: str
    outcome: Outcome
    at: datetime
    readings: tuple[Reading, ...] = ()
    findings: tuple[Reading, ...] = ()
    artifacts: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    mask: str | None = None
    round: Round = "shipped"
    path: str | None = None
    repairs: tuple[str, ...] = ()
    seconds: float = 0.0
    kind: Literal["check"] = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The harness's own sign of life on one channel: unseen, what rests on the channel cannot be told."""

    channel: str
    seen: bool
    lane: Lane
    address: str
    version: str
    kind: Literal["canary"] = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Which part of a run that is shared out: `number` counts from 1 to `of`."""

    number: int
    of: int

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of the pipeline: what was judged, on what, and which part of the suite was asked for.

    `options` are the words of the command that anyone who repeats a check must give again. Of a run that is one shard
    of several, `selection` is the shard's own part, and `asked` the selection that was shared out.
    """

    id: str
    target: Target
    environment: Environment
    profile: Profile
    selection: tuple[str, ...]
    started: datetime
    suite: str
    options: tuple[str, ...] = ()
    shard: Shard | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """First line of an evidence file: everything that judging needs besides what was seen."""

    run: Run
    requirements: tuple[Requirement, ...]
    required: tuple[str, ...]
    schema: Literal["conformance-evidence/1"] = "conformance-evidence/1"
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """Last line of an evidence file: it is whole. `digest` is the SHA-256 of every byte before this line."""

    lines: int
    digest: str
    seconds: float
    finished: datetime
    target_digest: str
    troubles: tuple[str, ...] = ()
    kind: Literal["footer"] = "footer"


Line = Annotated[Header | Evidence | Canary | Footer, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One evidence file, read: without a footer the run was cut short and nothing may be concluded as whole."""

    header: Header
    evidence: tuple[Evidence, ...]
    canaries: tuple[Canary, ...]
    footer: Footer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows for one criterion or requirement, why, and from the evidence of which checks.

    `repairs` names what had to be mended before anybody could see it: as it was shipped, the platform hides it.
    """

    subject: str
    status: Status
    because: tuple[str, ...]
    evidence: tuple[str, ...]
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a pipeline obeys: the exit code and every reason that led to it."""

    passed: bool
    exit_code: int
    reasons: tuple[str, ...]
