"""Scopes: what a summary or a budget is about."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from omoi_os.models.budget import Budget, BudgetScope
from omoi_os.models.cost_record import CostRecord
from omoi_os.models.spec import Spec
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services.errors import NothingThere, RequestMakesNoSense


class CostScope(StrEnum):
    """What costs can be summed over."""

    GLOBAL = "global"
    PROJECT = "project"
    SPEC = "spec"
    TICKET = "ticket"
    TASK = "task"
    AGENT = "agent"
    PHASE = "phase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """Everything that one cost is spent on: the keys of the scopes it falls into."""

    project_id: str
    spec_id: str | None
    ticket_id: str | None
    agent_id: str | None
    phase: str | None


def spender_of_task(session: Session, task_id: str, agent_id: str | None) -> Spender:
    """Return what a cost of a task is spent on when this agent causes it; raises NothingThere for an unknown task."""
    query = select(Ticket.project_id, Task.spec_id, Task.ticket_id, Task.phase).join(Task, Task.ticket_id == Ticket.id)
    found = session.execute(query.where(Task.id == task_id)).first()
    if found is None:
        raise NothingThere(f"There is no task {task_id!r}.")
    project_id, spec_id, ticket_id, phase = found
    return Spender(project_id=project_id, spec_id=spec_id, ticket_id=ticket_id, agent_id=agent_id, phase=phase)


def spender_of_spec(spec: Spec) -> Spender:
    """Return what every cost of a spec is spent on, whichever task and agent will cause it."""
    return Spender(project_id=spec.project_id, spec_id=spec.id, ticket_id=spec.ticket_id, agent_id=None, phase=None)


def cost_scope(name: str, scope_id: str | None) -> CostScope:
    """Read a scope of costs; raises RequestMakesNoSense for an unknown one or a missing key."""
    if name not in set(CostScope):
        raise RequestMakesNoSense(f"Unknown scope {name!r}; known are {', '.join(CostScope)}.")
    scope = CostScope(name)
    _check_key(scope, scope_id)
    return scope


def budget_scope(name: str, scope_id: str | None) -> BudgetScope:
    """Read a scope of budgets; raises RequestMakesNoSense for an unknown one or a missing key."""
    if name not in set(BudgetScope):
        raise RequestMakesNoSense(f"Unknown scope {name!r}; budgets cover {', '.join(BudgetScope)}.")
    scope = BudgetScope(name)
    _check_key(scope, scope_id)
    return scope


def costs_within(scope: CostScope, scope_id: str | None) -> ColumnElement[bool]:
    """Return the condition on cost records, left-joined with tasks and tickets, that a scope means."""
    columns = {
        CostScope.PROJECT: Ticket.project_id,
        CostScope.SPEC: Task.spec_id,
        CostScope.TICKET: Task.ticket_id,
        CostScope.TASK: CostRecord.task_id,
        CostScope.AGENT: CostRecord.agent_id,
        CostScope.PHASE: Task.phase,
    }
    return true() if scope is CostScope.GLOBAL else columns[scope] == scope_id


def budgets_over(spender: Spender) -> ColumnElement[bool]:
    """Return the condition on budgets that cover a cost."""
    keys = {
        BudgetScope.PROJECT: spender.project_id,
        BudgetScope.SPEC: spender.spec_id,
        BudgetScope.TICKET: spender.ticket_id,
        BudgetScope.AGENT: spender.agent_id,
        BudgetScope.PHASE: spender.phase,
    }
    keyed = [and_(Budget.scope_type == scope, Budget.scope_id == key) for scope, key in keys.items() if key is not None]
    return or_(Budget.scope_type == BudgetScope.GLOBAL, *keyed)


def project_of(session: Session, budget: Budget) -> str | None:
    """Return the project whose people may read a budget; None where only administrators may."""
    match budget.scope_type, budget.scope_id:
        case BudgetScope.PROJECT, str(project_id):
            return project_id
        case BudgetScope.SPEC, str(spec_id):
            return session.scalar(select(Spec.project_id).where(Spec.id == spec_id))
        case BudgetScope.TICKET, str(ticket_id):
            return session.scalar(select(Ticket.project_id).where(Ticket.id == ticket_id))
        case _:
            return None


def _check_key(scope: StrEnum, scope_id: str | None) -> None:
    """Refuse a scope without the key it needs, and the global scope with one."""
    if scope.value == CostScope.GLOBAL.value:
        if scope_id:
            raise RequestMakesNoSense("The global scope takes no scope_id.")
    elif not scope_id:
        raise RequestMakesNoSense(f"The scope {scope} needs a scope_id.")
