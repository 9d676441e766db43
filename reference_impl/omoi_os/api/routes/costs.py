"""Costs: recorded, listed, summed and forecast."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query

from omoi_os.api.dependencies import REFUSALS, CallerDep, ClaimantDep, ServicesDep, SessionDep, threaded
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.costs import CostAsked, CostShown, ForecastAsked, ForecastShown, SummaryShown
from omoi_os.api.schemas.fields import Name
from omoi_os.models.cost_record import CostRecord
from omoi_os.services import access, cost_access, repeats, scopes
from omoi_os.services.cost_sums import CostSummary
from omoi_os.services.cost_tracking import Forecast

router = APIRouter(prefix="/costs", tags=["costs"], responses={**REFUSALS})


@router.get("/records", response_model=list[CostShown])
def records(
    caller: CallerDep,
    session: SessionDep,
    task_id: str | None = None,
    agent_id: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Sequence[CostRecord]:
    """List the newest costs one may read, perhaps of one task or agent."""
    return cost_access.records(session, caller.id, task_id=task_id, agent_id=agent_id, limit=limit)


@router.post("/records", status_code=201, response_model=CostShown, responses={409: {"model": Problem}})
@threaded
def record(
    asked: CostAsked,
    claimed: ClaimantDep,
    given: ServicesDep,
    idempotency_key: Annotated[Name | None, Header()] = None,
) -> CostRecord:
    """Record what a call cost; a repeat under the same Idempotency-Key answers with the first record."""
    # Agents wait for this: all that speaks with the database happens in one go and in one thread.
    with given.db.get_session() as session:
        spender = cost_access.payer(session, claimed.id, task_id=asked.task_id, agent_id=asked.agent_id)
        recording = partial(given.costs.record_llm_cost, **asked.model_dump(), session=session, spender=spender)
        if idempotency_key is None:
            return recording()
        return repeats.once(session, (claimed.id, idempotency_key), asked.model_dump(), record=recording)


@router.get("/summary", response_model=SummaryShown)
def summary(
    caller: CallerDep, given: ServicesDep, session: SessionDep, scope_type: str, scope_id: str | None = None
) -> CostSummary:
    """Sum the costs of a scope."""
    scope = scopes.cost_scope(scope_type, scope_id)
    access.scope(session, caller.id, scope, scope_id)
    return given.costs.get_cost_summary(scope, scope_id, session, only=cost_access.within_reach(caller.id, scope))


@router.post("/forecast", response_model=ForecastShown)
def forecast(asked: ForecastAsked, _caller: CallerDep, given: ServicesDep) -> Forecast:
    """Estimate what a number of tasks will cost; it tells nothing about anybody's project."""
    return given.costs.forecast_costs(
        asked.pending_task_count,
        asked.avg_tokens_per_task,
        asked.provider,
        asked.model,
    )
