"""What things cost at OmoiOS: recorded by its own service, since no route records the cost of one call."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter

from harness.interpreter.protocol import WorkerRefused
from harness.targets.omoios.desk import NOTHING, PHASES, Desk
from harness.targets.replies import INSTRUMENT
from harness.targets.surface import API
from harness.targets.terms import (
    Call,
    Cost,
    Forecast,
    Refusal,
    Reply,
    Scope,
    SpecCosts,
    Stopwatch,
    Summary,
    SummaryScope,
    Way,
)

_RECORD: Final = "record_llm_cost"
_SERVICE: Final = Way(name=_RECORD)
_SERVICE_FILE: Final = "omoi_os/services/cost_tracking.py"
_KEEPER: Final = "def record_sandbox_cost("
# What works in a sandbox calls nobody but Anthropic, and its events name no provider.
_SANDBOX: Final = Way(name="a sandbox's agent.completed event", provider="anthropic", open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    record: Cost
    nanoseconds: int


_RECORDED: Final = TypeAdapter(_Recorded)


class Money(Desk):
    """The verbs about money."""

    _stopwatch: Stopwatch | None = None

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Have the cost service record a call."""
        cost = self._record(call, task_id, agent_id)
        self.note(f"a cost of {call.provider}/{call.model} recorded ({_RECORD})", f"{cost.total_cost} USD")
        return cost

    def try_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Reply:
        """Have the cost service record a call that it may refuse, which it does by raising."""
        try:
            self._record(call, task_id, agent_id)
        except WorkerRefused as refused:
            words = refused.message
            self.journal.note(INSTRUMENT, f"a cost is to be recorded ({_RECORD})", observed=words, examined=1)
            return Reply(operation=_RECORD, status=0, refusal=Refusal(ground="other", words=words))
        self.note(f"a cost is to be recorded ({_RECORD})", "done")
        return Reply(operation=_RECORD, status=0)

    def ways_to_record(self) -> tuple[Way, ...]:
        """By its own service, and by what a sandbox reports when its agent has finished, where that is kept."""
        reporting = self.publishes("/sandboxes/", "/events") and self._keeps_reports()
        return (_SERVICE, _SANDBOX) if reporting else (_SERVICE,)

    def record_in(self, way: Way, call: Call, *, costing: Decimal, task_id: str, agent_id: str | None = None) -> None:
        """Have a call recorded; a sandbox says what its work has cost, and for which task, but not by whom."""
        if way != _SANDBOX:
            self.record_cost(call, task_id=task_id, agent_id=agent_id)
            return
        if agent_id is not None:
            self.within("assign_task", NOTHING, task_id=task_id, agent_id=agent_id)
        finished = {
            "task_id": task_id,
            "cost_usd": float(costing),
            "input_tokens": call.prompt_tokens,
            "output_tokens": call.completion_tokens,
            "model": call.model,
            "success": True,
        }
        told = {"event_type": "agent.completed", "event_data": finished, "source": "agent"}
        answer = self.api.demand(self.api.post(f"{API}/sandboxes/conform-{uuid4().hex[:8]}/events", told))
        self.note(f"a cost of {call.provider}/{call.model} told ({_SANDBOX})", str(answer.status))

    def summary(self, scope: SummaryScope, scope_id: str | None = None) -> Summary:
        """Sum a scope over the cost routes, phases by the platform's names for them."""
        named = PHASES.get(scope_id or "", scope_id) if scope == "phase" else scope_id
        with self.scoped(f"sum the costs of a {scope}"):
            return super().summary(scope, named)

    def set_budget(self, scope: Scope, limit: Decimal) -> str:
        """Set a budget of a scope that the platform knows."""
        with self.scoped(f"limit the costs of a {scope.kind}"):
            return super().set_budget(scope, limit)

    def clock(self, stopwatch: Stopwatch) -> None:
        """Time every request, and every call of the cost service, from now on."""
        super().clock(stopwatch)
        self._stopwatch = stopwatch

    def costs_of_spec(self, spec_id: str) -> SpecCosts:  # noqa: ARG002 - there is no route to name it to
        """Nothing: no operation tells what a spec cost so far."""
        raise self.lacks("see what a spec cost so far", "/specs/", "cost")

    def final_costs_of_spec(self, spec_id: str) -> SpecCosts:  # noqa: ARG002 - there is no route to name it to
        """Nothing: no operation tells what a completed spec cost."""
        raise self.lacks("see what a completed spec cost", "/specs/", "cost")

    def forecast(self, scope: Scope, *, provider: str, model: str) -> Forecast:  # noqa: ARG002 - the same
        """Nothing: what is forecast is a number of tasks that the asker names, not what is pending."""
        raise self.lacks(f"forecast the pending tasks of a {scope.kind}", f"/{scope.kind}s/", "forecast")

    def _keeps_reports(self) -> bool:
        """Whether its service has a method for what sandboxes report, which it had not when they began to."""
        if self.instance.inside is None:
            return True
        try:
            return _KEEPER in (self.instance.inside.source / _SERVICE_FILE).read_text(encoding="utf-8")
        except OSError:
            return False

    def _record(self, call: Call, task_id: str, agent_id: str | None) -> Cost:
        recorded = self.within(_RECORD, _RECORDED, task_id=task_id, agent_id=agent_id, **asdict(call))
        if self._stopwatch is not None:
            self._stopwatch.add(recorded.nanoseconds)
        return recorded.record
