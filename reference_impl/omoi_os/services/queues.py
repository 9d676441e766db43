"""Queues: the tasks that are still to be done, and so will still cost something."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from omoi_os.models.task import Task, TaskStatus
from omoi_os.models.ticket import Ticket

DONE = (TaskStatus.COMPLETED, TaskStatus.FAILED)


def of_project(session: Session, project_id: str) -> int:
    """Count the tasks of a project that are neither completed nor failed."""
    waiting = select(func.count(Task.id)).join(Ticket, Task.ticket_id == Ticket.id).where(Task.status.not_in(DONE))
    return session.scalars(waiting.where(Ticket.project_id == project_id)).one()


def of_spec(session: Session, spec_id: str) -> int:
    """Count the tasks of a spec that are neither completed nor failed."""
    waiting = select(func.count(Task.id)).where(Task.status.not_in(DONE), Task.spec_id == spec_id)
    return session.scalars(waiting).one()
