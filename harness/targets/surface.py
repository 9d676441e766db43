"""The surface that all platforms share: the cost routes and the API description, as one person uses them."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self, TypeVar

from pydantic import TypeAdapter

from harness.errors import LacksCapability, PlatformMisbehaved
from harness.journal import Journal
from harness.observe.bodies import Body
from harness.targets import replies, tokens
from harness.targets.http import Answer, Api
from harness.targets.replies import INSTRUMENT
from harness.targets.terms import (
    MANNERS,
    Call,
    Cost,
    Instance,
    Key,
    Manner,
    Reply,
    Scope,
    Standing,
    Stopwatch,
    Summary,
    SummaryScope,
    Way,
)

API: Final = "/api/v1"
BUDGETS: Final = "/costs/budgets"
# The method by which the document has every call recorded; a run needs nothing of what it gives.
UNRECORDED: Final[tuple[Body, ...]] = (
    Body(
        file="omoi_os/services/cost_tracking.py",
        function="CostTrackingService.record_llm_cost",
        instead="return None",
    ),
)
_MOST: Final = 1000
_SHOWN: Final = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Estimate:
    estimated_cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Budget:
    scope_type: str
    limit_amount: float
    scope_id: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    exists: bool
    limit: float | None
    spent: float
    remaining: float | None
    exceeded: bool


_COSTS: Final = TypeAdapter(tuple[Cost, ...])
_SUMMARY: Final = TypeAdapter(Summary)
_ESTIMATE: Final = TypeAdapter(_Estimate)
_BUDGETS: Final = TypeAdapter(tuple[_Budget, ...])
_CHECK: Final = TypeAdapter(_Check)


class Surface(ABC):
    """One person's client at one instance, with the verbs that need no words of a platform's own."""

    def __init__(self, instance: Instance, journal: Journal, *, user: str) -> None:
        self.instance = instance
        self.journal = journal
        self.token = tokens.mint(user, secret=instance.secret)
        self.api = Api(instance.url, token=self.token)

    def costs_of_task(self, task_id: Key) -> tuple[Cost, ...]:
        """List a task's costs over the cost routes."""
        answer = self.api.demand(self.api.get(f"{API}/costs/records", task_id=task_id, limit=_MOST))
        costs = answer.read(_COSTS)
        self.journal.note(INSTRUMENT, "costs of a task listed", observed=len(costs), examined=len(costs))
        return costs

    def manners(self, *, provider: str | None = None, streams: bool | None = None) -> tuple[Manner, ...]:
        """Those of all its agents' manners that fit; it is no reading that some do."""
        known = self.known_manners()
        able = tuple(one for one in known if provider in (None, one.provider) and streams in (None, one.streams))
        if not able:
            listed = ", ".join(map(str, known))
            self.note("how its agents call a provider", listed)
            raise LacksCapability(f"the platform's agents call a provider in no other manner than: {listed}")
        return able

    def known_manners(self) -> tuple[Manner, ...]:
        """Every manner, unless a driver knows better."""
        return MANNERS

    def ways_to_record(self) -> tuple[Way, ...]:
        """The one way that there is, unless a driver knows more."""
        return (Way(name="reported"),)

    def record_in(self, way: Way, call: Call, *, costing: Decimal, task_id: str, agent_id: str | None = None) -> None:  # noqa: ARG002 - there is one way, and the platform works out the cost
        """Have a call recorded in the one way that there is."""
        self.record_cost(call, task_id=task_id, agent_id=agent_id)

    @abstractmethod
    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Have the platform record what a call cost, as each driver does in its own way."""

    def summary(self, scope: SummaryScope, scope_id: str | None = None) -> Summary:
        """Sum a scope over the cost routes."""
        which = {"scope_type": scope} if scope_id is None else {"scope_type": scope, "scope_id": scope_id}
        return self.seen(_SUMMARY, "/costs/summary", f"costs of a {scope} summed", **which)

    def estimate(self, provider: str, model: str) -> Decimal:
        """The forecast for one task."""
        asked = {"pending_task_count": 1, "provider": provider, "model": model}
        answer = self.api.demand(self.api.post(f"{API}/costs/forecast", asked))
        cost = answer.read(_ESTIMATE).estimated_cost
        self.note(f"one task of {provider}/{model} forecast", f"{answer.status} {cost} USD")
        return Decimal(str(cost))

    def budget(self, scope: Scope) -> Standing:
        """How a scope stands against its tightest budget; PlatformMisbehaved when it shows none."""
        claim = f"a {scope.kind} against its budget"
        check = self.seen(_CHECK, f"{BUDGETS}/check", claim, scope_type=scope.kind, scope_id=scope.id)
        if not check.exists or check.limit is None or check.remaining is None:
            raise PlatformMisbehaved(f"the platform shows no budget of this {scope.kind}", operation="check a budget")
        return Standing(limit=check.limit, spent=check.spent, remaining=check.remaining, exceeded=check.exceeded)

    def set_budget(self, scope: Scope, limit: Decimal) -> str:
        """Set a budget that runs low where budgets do by themselves.

        No platform makes one of 0, so it is made with 1 and lowered.
        """
        made = self.made(BUDGETS, scope_type=scope.kind, scope_id=scope.id, limit_amount=float(limit or 1))
        if not limit:
            self.change_budget(made, limit)
        return made

    def change_budget(self, budget_id: str, limit: Decimal) -> None:
        """Change nothing of a budget but its limit."""
        self.api.demand(self.api.patch(f"{API}{BUDGETS}/{budget_id}", {"limit_amount": float(limit)}))

    def try_budget(self, scope: Scope, limit: Decimal) -> Reply:
        """Ask for a budget of a scope."""
        asked = {"scope_type": scope.kind, "scope_id": scope.id, "limit_amount": float(limit)}
        return self.reply(self.api.post(f"{API}{BUDGETS}", asked), f"a budget of a {scope.kind} is to be set")

    def limits(self, scope: Scope) -> tuple[float, ...]:
        """The limits that are listed under a scope."""
        shown = self.seen(_BUDGETS, BUDGETS, f"the budgets of a {scope.kind}", scope_type=scope.kind)
        return tuple(one.limit_amount for one in shown if (one.scope_type, one.scope_id) == (scope.kind, scope.id))

    def description(self) -> Mapping[str, object]:
        """Fetch the published description."""
        answer = self.api.demand(self.api.get("/openapi.json"))
        self.note("API description published", f"{answer.status}")
        return answer.fields()

    def seen_by(self, token: str | None) -> Self:
        """The same client with another token, or none."""
        other = copy(self)
        other.token = token
        other.api = Api(self.instance.url, token=token)
        return other

    def clock(self, stopwatch: Stopwatch) -> None:
        """Time every request from now on, over one connection that is kept."""
        self.api.close()
        self.api = Api(self.instance.url, token=self.token, stopwatch=stopwatch)

    def close(self) -> None:
        """Give up the connections."""
        self.api.close()

    def made(self, path: str, **fields: object) -> str:
        """The id of what was made; fields without a value are left to the platform."""
        given = {name: value for name, value in fields.items() if value is not None}
        return self.api.post(f"{API}{path}", given).made()

    def seen(self, shape: TypeAdapter[T], path: str, claim: str, **params: str | int) -> T:
        """What the platform shows, noted under a claim."""
        answer = self.api.demand(self.api.get(f"{API}{path}", **params))
        shown = answer.read(shape)
        self.note(claim, f"{answer.status} {' '.join(answer.text.split())[:_SHOWN]}")
        return shown

    def reply(self, answer: Answer, claim: str, *, also: Collection[int] = ()) -> Reply:
        """What the platform said to something that it may refuse, noted under a claim."""
        return replies.reply(answer, self.journal, claim, also=also)

    def deletion(self, answer: Answer, what: str) -> bool:
        """Whether a deletion is offered, noted."""
        words = f"{answer.status} {' '.join(answer.text.split())[:_SHOWN]}".strip()
        self.note(f"deletion of {what} with costs asked for", words)
        return answer.deletion()

    def note(self, claim: str, observed: str) -> None:
        """Note one thing that was looked at."""
        self.journal.note(INSTRUMENT, claim, observed=observed, examined=1)
