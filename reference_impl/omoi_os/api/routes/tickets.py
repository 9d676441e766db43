"""Tickets and their tasks."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, SessionDep
from omoi_os.api.schemas.work import TaskShown, TicketAsked, TicketShown
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, tasks, tickets

router = APIRouter(prefix="/tickets", tags=["tickets"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=TicketShown)
def open_one(asked: TicketAsked, caller: CallerDep, session: SessionDep) -> Ticket:
    """Open a ticket."""
    return tickets.open_one(
        session,
        caller.id,
        project_id=asked.project_id,
        title=asked.title,
        description=asked.description,
    )


@router.get("", response_model=list[TicketShown])
def readable(caller: CallerDep, session: SessionDep, project_id: str | None = None) -> Sequence[Ticket]:
    """List the tickets one may read, perhaps of one project."""
    return tickets.readable(session, caller.id, project_id=project_id)


@router.get("/{ticket_id}", response_model=TicketShown)
def one(ticket_id: str, caller: CallerDep, session: SessionDep) -> Ticket:
    """Show a ticket."""
    return access.ticket(session, caller.id, ticket_id)


@router.get("/{ticket_id}/tasks", response_model=list[TaskShown])
def tasks_of(ticket_id: str, caller: CallerDep, session: SessionDep) -> Sequence[Task]:
    """List the tasks of a ticket."""
    return tasks.of_ticket(session, caller.id, ticket_id)
