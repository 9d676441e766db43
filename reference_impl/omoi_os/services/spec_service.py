"""Specs: writing them down and giving them tasks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.spec import Spec
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, tasks
from omoi_os.services.access import Standing
from omoi_os.services.errors import ValueRefused


class SpecService:
    """Keeps specs and their tasks; everything happens in the caller's transaction."""

    def create(self, session: Session, user_id: str, *, project_id: str, title: str, description: str | None) -> Spec:
        """Store a spec in draft."""
        access.project(session, user_id, project_id, needed=Standing.MEMBER)
        spec = Spec(project_id=project_id, title=title, description=description)
        session.add(spec)
        session.flush()
        session.refresh(spec)
        return spec

    def get(self, session: Session, user_id: str, spec_id: str) -> Spec:
        """Return a spec."""
        return access.spec(session, user_id, spec_id)

    def of_project(self, session: Session, user_id: str, project_id: str) -> Sequence[Spec]:
        """Return the specs of a project."""
        access.project(session, user_id, project_id)
        return session.scalars(select(Spec).where(Spec.project_id == project_id).order_by(Spec.created_at)).all()

    def add_task(
        self, session: Session, user_id: str, spec_id: str, *, title: str, phase: str | None, ticket_id: str | None
    ) -> Task:
        """Store a task of a spec; without a phase it is of the phase the spec is in."""
        spec = access.spec(session, user_id, spec_id, needed=Standing.MEMBER)
        ticket = _ticket_of(session, spec) if ticket_id is None else access.ticket(session, user_id, ticket_id)
        if ticket.project_id != spec.project_id:
            raise ValueRefused("The ticket belongs to another project than the spec.")
        task = Task(ticket_id=ticket.id, spec_id=spec.id, title=title, phase=phase or spec.status)
        return tasks.store(session, task)

    def tasks_of(self, session: Session, user_id: str, spec_id: str) -> Sequence[Task]:
        """Return the tasks of a spec."""
        access.spec(session, user_id, spec_id)
        return session.scalars(select(Task).where(Task.spec_id == spec_id).order_by(Task.created_at)).all()


def _ticket_of(session: Session, spec: Spec) -> Ticket:
    """Return the ticket that holds a spec's own tasks, opened with the first of them."""
    session.refresh(spec, with_for_update=True)
    if spec.ticket_id is not None:
        return session.get_one(Ticket, spec.ticket_id)
    ticket = Ticket(project_id=spec.project_id, title=spec.title)
    session.add(ticket)
    session.flush()
    spec.ticket_id = ticket.id
    return ticket
