"""Tasks: giving a ticket or a spec work, and taking it back while it cost nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from omoi_os.models.spec import Spec, SpecStatus
from omoi_os.models.task import Task, TaskStatus
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, agents, locks, reservations
from omoi_os.services.access import Standing
from omoi_os.services.errors import StateForbids


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWish:
    """A task that a spec is to be given; what is None is up to the spec."""

    title: str
    description: str | None = None
    phase: str | None = None
    ticket_id: str | None = None
    requested_by: str | None = None


def add(session: Session, user_id: str, *, ticket_id: str, title: str, phase: str) -> Task:
    """Store a task of a ticket that belongs to no spec."""
    access.ticket(session, user_id, ticket_id, needed=Standing.MEMBER)
    return store(session, Task(ticket_id=ticket_id, title=title, phase=phase))


def of_wish(session: Session, wish: TaskWish, *, ticket: Ticket, spec: Spec) -> Task:
    """Build a task of a spec; raises NothingThere when an agent of another project is said to have asked for it."""
    if wish.requested_by is not None:
        agents.of_project(session, wish.requested_by, ticket.project_id)
    present = SpecStatus.REQUIREMENTS if spec.status == SpecStatus.DRAFT else spec.status
    return Task(
        ticket_id=ticket.id,
        spec_id=spec.id,
        title=wish.title,
        description=wish.description,
        phase=wish.phase or present,
        requested_by=wish.requested_by,
    )


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
    """Delete a task and give back what it holds of budgets; raises StateForbids while it runs or costs hang on it."""
    task = locks.task_to_change(session, access.task(session, user_id, task_id, needed=Standing.OWNER))
    if task.status == TaskStatus.RUNNING:
        raise StateForbids("The task is running.")
    reservations.release(session, task.id)
    session.delete(task)
    try:
        session.flush()
    except IntegrityError as error:
        raise StateForbids("The task has costs, and costs keep their task.") from error
