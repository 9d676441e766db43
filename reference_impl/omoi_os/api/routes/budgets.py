"""Budgets: set, changed, deleted, listed and checked."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.schemas.costs import BudgetAsked, BudgetChangeAsked, BudgetCheckShown, BudgetShown
from omoi_os.models.budget import Budget
from omoi_os.services import access, limits, scopes
from omoi_os.services.access import Standing
from omoi_os.services.budget_enforcer import BudgetCheck

router = APIRouter(prefix="/costs/budgets", tags=["budgets"], responses={**REFUSALS})


@router.get("", response_model=list[BudgetShown])
def readable(caller: CallerDep, session: SessionDep, scope_type: str | None = None) -> Sequence[Budget]:
    """List the budgets one may read, perhaps of one kind of scope."""
    which = access.readable_budgets(session, caller.id)
    return limits.visible(session, which if scope_type is None else which & (Budget.scope_type == scope_type))


@router.post("", response_model=BudgetShown)
def create(asked: BudgetAsked, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Budget:
    """Set a limit for a scope."""
    scope = scopes.budget_scope(asked.scope_type, asked.scope_id)
    access.scope(session, caller.id, scope, asked.scope_id, needed=Standing.OWNER)
    return given.budgets.create_budget(
        scope,
        asked.limit_amount,
        asked.scope_id,
        asked.period_end,
        asked.alert_threshold,
        session=session,
    )


@router.get("/check", response_model=BudgetCheckShown)
def check(
    caller: CallerDep, given: ServicesDep, session: SessionDep, scope_type: str, scope_id: str | None = None
) -> BudgetCheck:
    """Tell how a scope stands against its tightest budget."""
    scope = scopes.budget_scope(scope_type, scope_id)
    access.scope(session, caller.id, scope, scope_id)
    return given.budgets.check_budget(scope, scope_id, session=session)


@router.patch("/{budget_id}", response_model=BudgetShown)
def change(
    budget_id: int, asked: BudgetChangeAsked, caller: CallerDep, given: ServicesDep, session: SessionDep
) -> Budget:
    """Change a limit, when it warns, or when it ends; what is left out stays."""
    access.budget(session, caller.id, budget_id, needed=Standing.OWNER)
    return given.budgets.change_budget(budget_id, asked, session=session)


@router.delete("/{budget_id}", status_code=204)
def delete(budget_id: int, caller: CallerDep, given: ServicesDep, session: SessionDep) -> None:
    """Delete a limit."""
    access.budget(session, caller.id, budget_id, needed=Standing.OWNER)
    given.budgets.delete_budget(budget_id, session=session)
