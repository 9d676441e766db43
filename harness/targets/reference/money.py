"""What things cost at the reference implementation: records, summaries, forecasts and budgets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from pydantic import TypeAdapter

from harness.errors import PlatformMisbehaved
from harness.targets.reference.desk import API, Desk
from harness.targets.replies import INSTRUMENT
from harness.targets.terms import (
    Call,
    Cost,
    Forecast,
    Key,
    Reply,
    Scope,
    SpecCosts,
    Standing,
    Summary,
    SummaryScope,
)

_RECORDS: Final = "/costs/records"
_BUDGETS: Final = "/costs/budgets"

K = TypeVar("K")


@dataclass(frozen=True, slots=True, kw_only=True)
class _PhaseCosts:
    phase: str
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _AgentCosts:
    cost: float
    agent_id: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _SpecCosts:
    total_cost: float
    by_phase: tuple[_PhaseCosts, ...]
    by_agent: tuple[_AgentCosts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check(Standing):
    exists: bool


_COST: Final = TypeAdapter(Cost)
_COSTS: Final = TypeAdapter(tuple[Cost, ...])
_SUMMARY: Final = TypeAdapter(Summary)
_SPEC_COSTS: Final = TypeAdapter(_SpecCosts)
_FORECAST: Final = TypeAdapter(Forecast)
_CHECK: Final = TypeAdapter(_Check)


class Money(Desk):
    """The verbs about money."""

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Report a call as an agent would."""
        answer = self.api.demand(self.api.post(f"{API}{_RECORDS}", _report(call, task_id, agent_id)))
        cost = answer.read(_COST)
        self.note(f"a cost of {call.provider}/{call.model} recorded", f"{answer.status} {cost.total_cost} USD")
        return cost

    def try_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Reply:
        """Report a call that may be refused."""
        return self.asked(_RECORDS, "a cost is to be recorded", _report(call, task_id, agent_id))

    def costs_of_task(self, task_id: str) -> tuple[Cost, ...]:
        """List a task's costs over the cost routes."""
        answer = self.api.demand(self.api.get(f"{API}{_RECORDS}", task_id=task_id, limit=1000))
        costs = answer.read(_COSTS)
        self.journal.note(INSTRUMENT, "costs of a task listed", observed=len(costs), examined=len(costs))
        return costs

    def summary(self, scope: SummaryScope, scope_id: str | None = None) -> Summary:
        """Sum a scope over the cost routes."""
        which = {"scope_type": scope} if scope_id is None else {"scope_type": scope, "scope_id": scope_id}
        return self.seen(_SUMMARY, "/costs/summary", f"costs of a {scope} summed", **which)

    def costs_of_spec(self, spec_id: str) -> SpecCosts:
        """The running total of a spec."""
        return _spec_costs(self.seen(_SPEC_COSTS, f"/specs/{spec_id}/costs", "costs of a spec so far"))

    def final_costs_of_spec(self, spec_id: str) -> SpecCosts:
        """The summary that a completed spec keeps."""
        return _spec_costs(self.seen(_SPEC_COSTS, f"/specs/{spec_id}/cost-summary", "final costs of a spec"))

    def forecast(self, scope: Scope, *, provider: str, model: str) -> Forecast:
        """What the queue of a project or spec is expected to cost."""
        path = f"/{scope.kind}s/{scope.id}/forecast"
        return self.seen(_FORECAST, path, f"pending tasks of a {scope.kind} forecast", provider=provider, model=model)

    def estimate(self, provider: str, model: str) -> Decimal:
        """The forecast for one task."""
        asked = {"pending_task_count": 1, "provider": provider, "model": model}
        answer = self.api.demand(self.api.post(f"{API}/costs/forecast", asked))
        cost = answer.read(_FORECAST).estimated_cost
        self.note(f"one task of {provider}/{model} forecast", f"{answer.status} {cost} USD")
        return Decimal(str(cost))

    def set_budget(self, scope: Scope, limit: Decimal, *, threshold: Decimal = Decimal("0.8")) -> str:
        """Set a budget; one of 0 is set to 1 first, since only a change may make it 0."""
        made = self.made(
            _BUDGETS,
            {
                "scope_type": scope.kind,
                "scope_id": scope.id,
                "limit_amount": float(limit or 1),
                "alert_threshold": float(threshold),
            },
        )
        if not limit:
            self.api.demand(self.api.patch(f"{API}{_BUDGETS}/{made}", {"limit_amount": 0}))
        return made

    def budget(self, scope: Scope) -> Standing:
        """How a scope stands; PlatformMisbehaved when it has no budget."""
        claim = f"a {scope.kind} against its budget"
        check = self.seen(_CHECK, f"{_BUDGETS}/check", claim, scope_type=scope.kind, scope_id=scope.id)
        if not check.exists:
            raise PlatformMisbehaved(f"the platform shows no budget of this {scope.kind}", operation="check a budget")
        return check


def _report(call: Call, task_id: str, agent_id: str | None) -> Mapping[str, object]:
    return {
        "task_id": task_id,
        "agent_id": agent_id,
        "provider": call.provider,
        "model": call.model,
        "prompt_tokens": call.prompt_tokens,
        "completion_tokens": call.completion_tokens,
    }


def _spec_costs(shown: _SpecCosts) -> SpecCosts:
    return SpecCosts(
        total_cost=shown.total_cost,
        by_phase=_sums((part.phase, part.cost) for part in shown.by_phase),
        by_agent=_sums((part.agent_id, part.cost) for part in shown.by_agent),
    )


def _sums(parts: Iterable[tuple[K, float]]) -> Mapping[K, float]:
    """Costs by what they belong to; what is listed twice counts twice."""
    sums: defaultdict[K, float] = defaultdict(float)
    for of, cost in parts:
        sums[of] += cost
    return dict(sums)
