"""Documents about costs and budgets; amounts are US dollars."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field
from typing_extensions import TypedDict

from omoi_os.api.schemas.fields import Asked, Name, Shown
from omoi_os.services.cost_tracking import DEFAULT_MODEL, DEFAULT_PROVIDER, LARGEST_COUNT

Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Key = Annotated[str, BeforeValidator(str)]


class CostAsked(Asked):
    """A call whose cost is to be recorded."""

    task_id: Name
    agent_id: Name | None = None
    provider: Name
    model: Name
    prompt_tokens: Count
    completion_tokens: Count


class CostShown(Shown):
    """A recorded cost."""

    id: Key
    task_id: str
    agent_id: str | None
    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_cost: float
    completion_cost: float
    total_cost: float
    recorded_at: datetime


class ModelCostShown(Shown):
    """What one model cost."""

    provider: str
    model: str
    cost: float
    tokens: int
    records: int


class SummaryShown(Shown):
    """What a scope cost."""

    scope_type: str
    scope_id: str | None
    total_cost: float
    total_tokens: int
    record_count: int
    breakdown: list[ModelCostShown]


class BudgetAsked(Asked):
    """A limit to be set; a period without an end runs for good."""

    scope_type: Name
    scope_id: Name | None = None
    limit_amount: float = Field(gt=0, allow_inf_nan=False)
    period_end: AwareDatetime | None = None
    alert_threshold: Share = 0.8


class BudgetChangeAsked(TypedDict, total=False):
    """What is to be changed of a budget; what is left out stays."""

    __pydantic_config__ = Asked.model_config  # pyright: ignore[reportGeneralTypeIssues] - how pydantic reads it

    limit_amount: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    alert_threshold: Share
    period_end: AwareDatetime | None


class BudgetShown(Shown):
    """A budget as it stands."""

    id: int
    scope_type: str
    scope_id: str | None
    limit_amount: float
    spent_amount: float
    reserved_amount: float
    remaining_amount: float
    period_start: datetime
    period_end: datetime | None
    alert_threshold: float
    alert_triggered: bool
    utilization_percent: float
    created_at: datetime
    updated_at: datetime


class BudgetCheckShown(Shown):
    """How a scope stands against its tightest budget; zeros where it has none."""

    exists: bool
    limit: float
    spent: float
    remaining: float
    utilization_percent: float
    exceeded: bool
    alert_threshold: float | None
    alert_triggered: bool | None


class ForecastAsked(Asked):
    """A queue whose cost is to be estimated."""

    pending_task_count: int = Field(gt=0, le=LARGEST_COUNT)
    avg_tokens_per_task: Annotated[int, Field(gt=0, le=LARGEST_COUNT)] | None = None
    provider: Name = DEFAULT_PROVIDER
    model: Name = DEFAULT_MODEL


class ForecastShown(Shown):
    """What a queue is expected to cost."""

    task_count: int
    estimated_cost: float
    estimated_tokens: int
    avg_tokens_per_task: int
    buffer_multiplier: float
