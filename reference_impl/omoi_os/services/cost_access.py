"""Who may see and record which costs."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from omoi_os.models.cost_record import CostRecord
from omoi_os.models.project import Project
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, accounts, cost_sums, scopes
from omoi_os.services.access import Standing
from omoi_os.services.errors import NothingThere
from omoi_os.services.scopes import CostScope, Spender


def records(
    session: Session, user_id: str, *, task_id: str | None, agent_id: str | None, limit: int
) -> Sequence[CostRecord]:
    """Return the newest records of the projects somebody may read, perhaps of one task or agent."""
    which = Ticket.project_id.in_(access.readable_projects(user_id))
    if task_id is not None:
        access.task(session, user_id, task_id)
        which &= CostRecord.task_id == task_id
    if agent_id is not None:
        access.agent(session, user_id, agent_id)
        which &= CostRecord.agent_id == agent_id
    return cost_sums.latest(session, which, limit=limit)


def within_reach(user_id: str, scope: CostScope) -> ColumnElement[bool] | None:
    """Return the condition on the costs of a scope that somebody may see; None where the scope has its own guard.

    Global and phase scopes know no organization: to each administrator they hold the projects of their own.
    """
    if scope in (CostScope.GLOBAL, CostScope.PHASE):
        return Ticket.project_id.in_(access.readable_projects(user_id))
    return None


def payer(session: Session, user_id: str, *, task_id: str, agent_id: str | None) -> Spender:
    """Return what a cost is spent on, for somebody who may record it, in one round trip.

    Raises CallerUnknown, CallerMayNot or NothingThere. Whoever holds a role exists: only strangers are looked up.
    """
    found = session.execute(_PAYING, {"user_id": user_id, "task_id": task_id, "agent_id": agent_id}).first()
    standing = Standing.STRANGER if found is None else access.standing(user_id, found[5:])
    if found is None or standing is Standing.STRANGER:
        accounts.demand_known(session, user_id)
        raise NothingThere(access.NOWHERE)
    access.demand(standing, Standing.MEMBER)
    return scopes.spender_found(found[:5], agent_id)


# Built once, since every cost asks this.
_PAYING: Final = access.with_roles(scopes.PAYING.join(Project, Ticket.project_id == Project.id))
