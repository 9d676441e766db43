"""Tasks: giving a ticket work, and taking it back while it cost nothing."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from omoi_os.models.task import Task
from omoi_os.services import access
from omoi_os.services.access import Standing
from omoi_os.services.errors import StateForbids


def add(session: Session, user_id: str, *, ticket_id: str, title: str, phase: str) -> Task:
    """Store a task of a ticket that belongs to no spec."""
    access.ticket(session, user_id, ticket_id, needed=Standing.MEMBER)
    return store(session, Task(ticket_id=ticket_id, title=title, phase=phase))


def store(session: Session, task: Task) -> Task:
    """Write a task and read back what the database filled in."""
    session.add(task)
    session.flush()
    session.refresh(task)
    return task


def of_ticket(session: Session, user_id: str, ticket_id: str) -> Sequence[Task]:
    """Return the tasks of a ticket."""
    access.ticket(session, user_id, ticket_id)
    return session.scalars(select(Task).where(Task.ticket_id == ticket_id).order_by(Task.created_at)).all()


def delete(session: Session, user_id: str, task_id: str) -> None:
    """Delete a task; raises StateForbids while costs hang on it."""
    session.delete(access.task(session, user_id, task_id, needed=Standing.OWNER))
    try:
        session.flush()
    except IntegrityError as error:
        raise StateForbids("The task has costs, and costs keep their task.") from error
