"""Tasks, and the steps of their lives."""

import asyncio

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, LoneCallerDep, ServicesDep, SessionDep
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.work import AssignmentAsked, TaskAsked, TaskAssigned, TaskShown
from omoi_os.models.task import Task
from omoi_os.services import access, reservations, tasks

CONFLICT = {409: {"model": Problem}}

router = APIRouter(prefix="/tasks", tags=["tasks"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=TaskShown)
def add(asked: TaskAsked, caller: CallerDep, session: SessionDep) -> Task:
    """Give a ticket a task that belongs to no spec."""
    return tasks.add(session, caller.id, ticket_id=asked.ticket_id, title=asked.title, phase=asked.phase)


@router.get("/{task_id}", response_model=TaskShown)
def one(task_id: str, caller: CallerDep, session: SessionDep) -> Task:
    """Show a task."""
    return access.task(session, caller.id, task_id)


@router.delete("/{task_id}", status_code=204, responses={**CONFLICT})
def delete(task_id: str, caller: CallerDep, session: SessionDep) -> None:
    """Delete a task that cost nothing."""
    tasks.delete(session, caller.id, task_id)


@router.post("/{task_id}/assign", responses={**CONFLICT})
def assign(
    task_id: str, asked: AssignmentAsked, caller: CallerDep, given: ServicesDep, session: SessionDep
) -> TaskAssigned:
    """Give a task to an agent, provided that every budget over it can bear what it will probably cost."""
    task = given.workflow.assign(session, caller.id, task_id, agent_id=asked.agent_id)
    held = max(reservations.held(session, task.id).values(), default=0)
    return TaskAssigned(**TaskShown.model_validate(task).model_dump(), reserved_amount=float(held))


@router.post("/{task_id}/run", response_model=TaskShown, responses={**CONFLICT, 502: {"model": Problem}})
async def run(task_id: str, caller: LoneCallerDep, given: ServicesDep) -> Task:
    """Let the agent work the task off, and wait for it."""
    # Not on the threads that serve everything else: providers that are slow keep nobody waiting but their own tasks.
    return await asyncio.get_running_loop().run_in_executor(given.desks, given.runs.run, caller.id, task_id)


@router.post("/{task_id}/complete", response_model=TaskShown, responses={**CONFLICT})
def complete(task_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Task:
    """End a running task well; the last one of an executing spec completes the spec."""
    return given.workflow.complete(session, caller.id, task_id)


@router.post("/{task_id}/fail", response_model=TaskShown, responses={**CONFLICT})
def fail(task_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Task:
    """End an assigned or running task badly; it may be assigned again."""
    return given.workflow.fail(session, caller.id, task_id)
