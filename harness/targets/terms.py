"""The nouns in which a platform is spoken about, whatever fields and codes it uses itself; amounts are USD."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field

from harness.targets.inside import Inside

Key = Annotated[str, Field(coerce_numbers_to_str=True)]

BudgetScope = Literal["project", "ticket", "spec"]
SummaryScope = Literal["global", "project", "ticket", "spec", "task", "agent", "phase"]
SpecStatus = Literal["draft", "requirements", "design", "executing", "completed"]
Role = Literal["viewer", "member", "project owner", "organisation admin", "organisation owner", "stranger", "removed"]
INSIDERS: tuple[Role, ...] = ("viewer", "member", "project owner", "organisation admin", "organisation owner")
Ground = Literal["budget", "access", "state", "other"]

# What a platform shows the provider stub, and what opens nothing else.
PROVIDER_KEY: Final = "conform"

STATUSES: tuple[SpecStatus, ...] = ("draft", "requirements", "design", "executing", "completed")
PHASES: tuple[SpecStatus, ...] = ("requirements", "design", "executing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One LLM call to be paid for: provider, model, and how many tokens went in and came out."""

    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an agent can call a provider: in one piece, or as a stream."""

    provider: str
    streams: bool

    def __str__(self) -> str:
        """As a report calls it."""
        return f"{self.provider} {'with a stream' if self.streams else 'in one piece'}"


# With whom our stub speaks, and how.
MANNERS: Final = tuple(
    Manner(provider=name, streams=streams) for name in ("openai", "anthropic") for streams in (False, True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way by which a platform has a cost recorded.

    `provider` is the only one whose calls come by it, where there is one; `open` says that it is an operation
    of the interface, which may ask whoever tries it who they are.
    """

    name: str
    provider: str | None = None
    open: bool = False

    def __str__(self) -> str:
        """As a report calls it."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One cost as the platform's own interface shows it.

    What an answer leaves out is None: whether it may is judged by the contract of the interface, once.
    """

    id: Key | None = None
    task_id: Key | None = None
    agent_id: Key | None = None
    provider: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_cost: float | None = None
    completion_cost: float | None = None
    total_cost: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a budget covers: one project, ticket or spec."""

    kind: BudgetScope
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a scope cost, as the platform sums it."""

    total_cost: float
    total_tokens: int | None = None
    record_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCosts:
    """What a spec cost by the platform's word: in total, by phase, and by agent (None: costs without an agent)."""

    total_cost: float
    by_phase: Mapping[str, float]
    by_agent: Mapping[str | None, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What pending tasks are expected to cost, and how many they are where the platform says so."""

    estimated_cost: float
    task_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a scope stands against its tightest budget."""

    limit: float
    spent: float
    remaining: float
    exceeded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the platform did not do as asked: the ground it gives, its own words, and the amount it names, if any."""

    ground: Ground
    words: str
    needed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the platform said to something it may refuse; `refusal` is None when it did as asked."""

    operation: str
    status: int
    refusal: Refusal | None = None

    @property
    def granted(self) -> bool:
        """Whether it says that it did as asked."""
        return self.refusal is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody known to the platform; the token proves it and is never shown."""

    id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageGuide:
    """Where a platform's page about one project is, and where on it things stand.

    `storage` is put into the page's session storage before it loads, which is how somebody is already logged in;
    `total` selects the one element that shows the running total of a spec, `alert` one element for each budget alert.
    """

    url: str
    storage: Mapping[str, str] = field(repr=False)
    total: str
    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One running instance of the platform, as a driver needs it; `secret` signs its tokens and is never shown.

    `inside` are its services as its own code uses them, where somebody keeps them at hand.
    """

    url: str
    database_url: str = field(repr=False)
    secret: str = field(repr=False)
    inside: Inside | None = field(default=None, repr=False, compare=False)


class Stopwatch:
    """Adds up how long a platform took to answer, in nanoseconds; what the asker does meanwhile is left out."""

    def __init__(self) -> None:
        self._nanoseconds = 0

    def add(self, nanoseconds: int) -> None:
        """Add the time of one request."""
        self._nanoseconds += nanoseconds

    def take(self) -> int:
        """Give what was added since this was last asked."""
        taken, self._nanoseconds = self._nanoseconds, 0
        return taken
