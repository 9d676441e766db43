"""Scopes: what a summary or a budget is about."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, String, and_, any_, bindparam, or_, select, true
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.budget import Budget, BudgetScope
from omoi_os.models.cost_total import CostTotal
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

    @property
    def keys(self) -> dict[BudgetScope, str | None]:
        """The key of each kind of scope."""
        return {
            BudgetScope.PROJECT: self.project_id,
            BudgetScope.SPEC: self.spec_id,
            BudgetScope.TICKET: self.ticket_id,
            BudgetScope.AGENT: self.agent_id,
            BudgetScope.PHASE: self.phase,
        }


KEYED: Final = tuple(scope for scope in BudgetScope if scope is not BudgetScope.GLOBAL)

# The condition on budgets that cover a cost; the keys of whoever pays for it come with each execution, so that the
# statements made of this are built and compiled only once.
COVERING: Final = or_(
    Budget.scope_type == BudgetScope.GLOBAL,
    *(
        (Budget.scope_type == scope) & (Budget.scope_id == any_(bindparam(scope.value, type_=ARRAY(String))))
        for scope in KEYED
    ),
)

# Selects who pays for a cost of a task that an agent causes; the agent's key is NULL unless the project has it.
PAYING: Final = (
    select(Ticket.project_id, Task.spec_id, Task.ticket_id, Task.phase, Agent.id)
    .join(Task, Task.ticket_id == Ticket.id)
    .outerjoin(Agent, and_(Agent.id == bindparam("agent_id", type_=String), Agent.project_id == Ticket.project_id))
    .where(Task.id == bindparam("task_id"))
)


def payers(*spenders: Spender) -> dict[str, list[str]]:
    """Return the keys that COVERING asks for."""
    keys = [spender.keys for spender in spenders]
    return {scope.value: [key for one in keys if (key := one[scope]) is not None] for scope in KEYED}


def spender_of_task(session: Session, task_id: str, agent_id: str | None) -> Spender:
    """Return what a cost of a task is spent on when this agent causes it.

    Raises NothingThere for an unknown task, and for an agent that the task's project does not have.
    """
    found = session.execute(PAYING, {"task_id": task_id, "agent_id": agent_id}).first()
    if found is None:
        raise NothingThere(f"There is no task {task_id!r}.")
    return spender_found(found, agent_id)


def spender_found(found: tuple[str, str | None, str, str, str | None], agent_id: str | None) -> Spender:
    """Read what PAYING selected; raises NothingThere for an agent that the task's project does not have."""
    project_id, spec_id, ticket_id, phase, colleague = found
    if agent_id != colleague:
        raise NothingThere("The project of the task has no such agent.")
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
    """Return the condition on cost totals, left-joined with tasks and tickets, that a scope means."""
    columns = {
        CostScope.PROJECT: Ticket.project_id,
        CostScope.SPEC: Task.spec_id,
        CostScope.TICKET: Task.ticket_id,
        CostScope.TASK: CostTotal.task_id,
        CostScope.AGENT: CostTotal.agent_id,
        CostScope.PHASE: Task.phase,
    }
    return true() if scope is CostScope.GLOBAL else columns[scope] == scope_id


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
