"""Cost tracking: what LLM calls cost, recorded, summed and forecast."""

from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from omoi_os.config import pricing
from omoi_os.models.cost_record import CostRecord
from omoi_os.services import cost_sums, outbox, scopes
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.cost_sums import CostSummary
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import ValueRefused
from omoi_os.services.event_bus import Event, EventBusService
from omoi_os.services.scopes import Spender

DEFAULT_PROVIDER = "anthropic"
DEFAULT_MODEL = "claude-sonnet-4.5"
LARGEST_COUNT = 2**31 - 1


class Cost(TypedDict):
    """US dollars of one call, exact."""

    prompt_cost: Decimal
    completion_cost: Decimal
    total_cost: Decimal


class Forecast(TypedDict):
    """What a queue of tasks is expected to cost, in US dollars and tokens."""

    task_count: int
    estimated_cost: Decimal
    estimated_tokens: int
    avg_tokens_per_task: int
    buffer_multiplier: Decimal


class CostTrackingService:
    """Prices calls by the pricing file and keeps a record of each."""

    def __init__(
        self,
        db: DatabaseService,
        event_bus: EventBusService | None = None,
        cost_models_path: str | Path | None = None,
    ) -> None:
        """Read the pricing file; raises PricingRefused naming file and key when it cannot be used."""
        self.db = db
        self.event_bus = event_bus
        self.prices = pricing.read(None if cost_models_path is None else Path(cost_models_path))
        self._budgets = BudgetEnforcerService(db, event_bus)

    def calculate_cost(self, provider: str, model: str, prompt_tokens: int, completion_tokens: int) -> Cost:
        """Price a call; raises ValueRefused for counts that no call can have."""
        _check_counts(prompt_tokens, completion_tokens)
        price = self.prices.price_of(provider, model)
        prompt_cost = prompt_tokens * price.prompt_token_cost
        completion_cost = completion_tokens * price.completion_token_cost
        return Cost(prompt_cost=prompt_cost, completion_cost=completion_cost, total_cost=prompt_cost + completion_cost)

    def record_llm_cost(  # noqa: PLR0917 - callers of old pass these by position
        self,
        task_id: str,
        provider: str,
        model: str,
        prompt_tokens: int,
        completion_tokens: int,
        agent_id: str | None = None,
        *,
        session: Session | None = None,
        spender: Spender | None = None,
    ) -> CostRecord:
        """Store what a call cost, charge the budgets it falls under, and tell of it after the commit.

        `spender` is what the cost is spent on, for callers who know.
        Raises NothingThere for an unknown task, or an agent that its project does not have, and ValueRefused for
        impossible counts; neither leaves a row or an event behind.
        """
        cost = self.calculate_cost(provider, model, prompt_tokens, completion_tokens)
        record = CostRecord(
            task_id=task_id,
            agent_id=agent_id,
            provider=provider,
            model=model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            total_tokens=prompt_tokens + completion_tokens,
            prompt_cost=float(cost["prompt_cost"]),
            completion_cost=float(cost["completion_cost"]),
            total_cost=float(cost["total_cost"]),
        )
        with self.db.joined(session) as joined:
            paying = spender or scopes.spender_of_task(joined, task_id, agent_id)
            self._store(joined, record, spender=paying, amount=cost["total_cost"])
        return record

    def get_cost_summary(
        self,
        scope_type: str,
        scope_id: str | None = None,
        session: Session | None = None,
        *,
        only: ColumnElement[bool] | None = None,
    ) -> CostSummary:
        """Sum the costs of a scope, by provider and model; raises RequestMakesNoSense for an unknown scope.

        `only` is a condition on total, task and ticket that leaves out what is not to be seen.
        """
        scope = scopes.cost_scope(scope_type, scope_id)
        with self.db.joined(session) as joined:
            return cost_sums.summarize(joined, scope, scope_id, only=only)

    def forecast_costs(
        self,
        pending_task_count: int,
        avg_tokens_per_task: int | None = None,
        provider: str = DEFAULT_PROVIDER,
        model: str = DEFAULT_MODEL,
    ) -> Forecast:
        """Estimate what pending tasks will cost, half of their tokens prompt and half completion."""
        forecasting = self.prices.forecasting
        average = forecasting.avg_tokens_per_task if avg_tokens_per_task is None else avg_tokens_per_task
        price = self.prices.price_of(provider, model)
        per_task = Decimal(average) / 2 * (price.prompt_token_cost + price.completion_token_cost)
        return Forecast(
            task_count=pending_task_count,
            estimated_cost=pending_task_count * per_task * forecasting.buffer_multiplier,
            estimated_tokens=pending_task_count * average,
            avg_tokens_per_task=average,
            buffer_multiplier=forecasting.buffer_multiplier,
        )

    def _store(self, session: Session, record: CostRecord, *, spender: Spender, amount: Decimal) -> None:
        """Write the row and charge its budgets in one transaction."""
        session.add(record)
        session.flush()
        outbox.put(session, _recorded(record, spender), project_id=spender.project_id)
        self._budgets.charge(spender, amount, session=session, task_id=record.task_id)


def _check_counts(prompt_tokens: int, completion_tokens: int) -> None:
    """Refuse negative counts and totals that the schema cannot hold."""
    if min(prompt_tokens, completion_tokens) < 0 or prompt_tokens + completion_tokens > LARGEST_COUNT:
        raise ValueRefused(f"Token counts must not be negative, and their total not above {LARGEST_COUNT}.")


def _recorded(record: CostRecord, spender: Spender) -> Event:
    """Describe a stored record."""
    payload = {
        "task_id": record.task_id,
        "spec_id": spender.spec_id,
        "agent_id": record.agent_id,
        "provider": record.provider,
        "model": record.model,
        "prompt_tokens": record.prompt_tokens,
        "completion_tokens": record.completion_tokens,
        "total_tokens": record.total_tokens,
        "total_cost": record.total_cost,
    }
    return Event(event_type="cost.recorded", entity_type="cost_record", entity_id=str(record.id), payload=payload)
