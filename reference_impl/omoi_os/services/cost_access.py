"""Who may see and record which costs."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.cost_record import CostRecord
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, cost_sums
from omoi_os.services.access import Standing
from omoi_os.services.errors import NothingThere


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


def may_record(session: Session, user_id: str, *, task_id: str, agent_id: str | None) -> None:
    """Refuse whoever may not record costs for a task, and an agent that is not of its project."""
    access.task(session, user_id, task_id, needed=Standing.MEMBER)
    if agent_id is not None and session.scalar(_colleague(task_id, agent_id)) is None:
        raise NothingThere("The project of the task has no such agent.")


def _colleague(task_id: str, agent_id: str) -> Select[str]:
    """Select the key of an agent if it works in the project of a task."""
    same_project = select(Agent.id).join(Ticket, Agent.project_id == Ticket.project_id)
    return same_project.join(Task, Task.ticket_id == Ticket.id).where(Task.id == task_id, Agent.id == agent_id)
