"""Tickets: asking for something, and finding it again."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.ticket import Ticket
from omoi_os.services import access
from omoi_os.services.access import Standing


def open_one(session: Session, user_id: str, *, project_id: str, title: str, description: str | None) -> Ticket:
    """Store a ticket of a project."""
    access.project(session, user_id, project_id, needed=Standing.MEMBER)
    ticket = Ticket(project_id=project_id, title=title, description=description)
    session.add(ticket)
    session.flush()
    session.refresh(ticket)
    return ticket


def readable(session: Session, user_id: str, *, project_id: str | None) -> Sequence[Ticket]:
    """Return the tickets of one project, or of all that somebody may read."""
    query = select(Ticket).where(Ticket.project_id.in_(access.readable_projects(user_id)))
    if project_id is not None:
        access.project(session, user_id, project_id)
        query = query.where(Ticket.project_id == project_id)
    return session.scalars(query.order_by(Ticket.created_at)).all()
