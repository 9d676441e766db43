"""Forecasts: what the tasks that are still to be done will cost."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends

from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.schemas.costs import ForecastShown
from omoi_os.api.schemas.fields import Name
from omoi_os.services import access, queues
from omoi_os.services.cost_tracking import DEFAULT_MODEL, DEFAULT_PROVIDER, Forecast

router = APIRouter(tags=["forecasts"], responses={**REFUSALS})


@dataclass(frozen=True, slots=True)
class Price:
    """The price to forecast with, by the names of the pricing file."""

    provider: Name = DEFAULT_PROVIDER
    model: Name = DEFAULT_MODEL


PriceDep = Annotated[Price, Depends()]


@router.get("/projects/{project_id}/forecast", response_model=ForecastShown)
def of_project(
    project_id: str, price: PriceDep, caller: CallerDep, given: ServicesDep, session: SessionDep
) -> Forecast:
    """Estimate what the open tasks of a project will cost."""
    access.project(session, caller.id, project_id)
    waiting = queues.of_project(session, project_id)
    return given.costs.forecast_costs(waiting, provider=price.provider, model=price.model)


@router.get("/specs/{spec_id}/forecast", response_model=ForecastShown)
def of_spec(spec_id: str, price: PriceDep, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Forecast:
    """Estimate what the open tasks of a spec will cost."""
    access.spec(session, caller.id, spec_id)
    waiting = queues.of_spec(session, spec_id)
    return given.costs.forecast_costs(waiting, provider=price.provider, model=price.model)
