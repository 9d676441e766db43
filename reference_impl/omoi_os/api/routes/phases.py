"""The way of a spec from draft to executing, and the assignment of its tasks."""

from fastapi import APIRouter

from omoi_os.api import problems
from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.work import (
    ExecutionAsked,
    ExecutionShown,
    SpecShown,
    TaskBlocked,
    TasksExecutionAsked,
    TaskShown,
)
from omoi_os.models.spec import Spec, SpecStatus
from omoi_os.services.execution import Execution

router = APIRouter(prefix="/specs", tags=["phases"], responses={**REFUSALS, 409: {"model": Problem}})


@router.post("/{spec_id}/start", response_model=SpecShown)
def start(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Spec:
    """Take a spec out of draft into its requirements phase."""
    return given.specs.advance(session, caller.id, spec_id, out_of=SpecStatus.DRAFT)


@router.post("/{spec_id}/approve-requirements", response_model=SpecShown)
def approve_requirements(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Spec:
    """Take a spec from requirements to design."""
    return given.specs.advance(session, caller.id, spec_id, out_of=SpecStatus.REQUIREMENTS)


@router.post("/{spec_id}/approve-design", response_model=SpecShown)
def approve_design(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Spec:
    """Take a spec from design to executing."""
    return given.specs.advance(session, caller.id, spec_id, out_of=SpecStatus.DESIGN)


@router.post("/{spec_id}/execute")
def execute(
    spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep, asked: ExecutionAsked | None = None
) -> ExecutionShown:
    """Assign every pending task of an executing spec."""
    agent_id = asked.agent_id if asked else None
    return _shown(given.execution.execute(session, caller.id, spec_id, agent_id=agent_id))


@router.post("/{spec_id}/execute-tasks")
def execute_tasks(
    spec_id: str, asked: TasksExecutionAsked, caller: CallerDep, given: ServicesDep, session: SessionDep
) -> ExecutionShown:
    """Assign some tasks of an executing spec, failed ones anew."""
    return _shown(
        given.execution.execute_tasks(session, caller.id, spec_id, task_ids=asked.task_ids, agent_id=asked.agent_id)
    )


def _shown(execution: Execution) -> ExecutionShown:
    """Show what was assigned, and each refusal as the problem that it would have been alone."""
    return ExecutionShown(
        assigned=[TaskShown.model_validate(task) for task in execution.assigned],
        blocked=[TaskBlocked(task_id=one.task_id, problem=problems.describe(one.refusal)) for one in execution.blocked],
    )
