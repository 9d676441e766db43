"""Who may see and record which costs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from omoi_os.models.cost_record import CostRecord
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, cost_sums
from omoi_os.services.access import Standing
from omoi_os.services.scopes import CostScope


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


def may_record(session: Session, user_id: str, task_id: str) -> None:
    """Refuse whoever may not record costs for a task."""
    access.task(session, user_id, task_id, needed=Standing.MEMBER)
