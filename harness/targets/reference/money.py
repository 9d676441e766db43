"""What things cost at the reference implementation: records, costs of specs, forecasts and budgets."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter

from harness.targets.reference.desk import Desk
from harness.targets.surface import API
from harness.targets.terms import Call, Cost, Forecast, Key, Reply, Scope, SpecCosts

_RECORDS: Final = "/costs/records"

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


_COST: Final = TypeAdapter(Cost)
_SPEC_COSTS: Final = TypeAdapter(_SpecCosts)
_FORECAST: Final = TypeAdapter(Forecast)


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
