"""Tasks."""

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, SessionDep
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.work import TaskAsked, TaskShown
from omoi_os.models.task import Task
from omoi_os.services import access, tasks

router = APIRouter(prefix="/tasks", tags=["tasks"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=TaskShown)
def add(asked: TaskAsked, caller: CallerDep, session: SessionDep) -> Task:
    """Give a ticket a task that belongs to no spec."""
    return tasks.add(session, caller.id, ticket_id=asked.ticket_id, title=asked.title, phase=asked.phase)


@router.get("/{task_id}", response_model=TaskShown)
def one(task_id: str, caller: CallerDep, session: SessionDep) -> Task:
    """Show a task."""
    return access.task(session, caller.id, task_id)


@router.delete("/{task_id}", status_code=204, responses={409: {"model": Problem}})
def delete(task_id: str, caller: CallerDep, session: SessionDep) -> None:
    """Delete a task that cost nothing."""
    tasks.delete(session, caller.id, task_id)
