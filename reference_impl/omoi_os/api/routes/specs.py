"""Specs, their tasks, and what they cost."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.spec_costs import SpecCostsShown, SpecSummaryShown
from omoi_os.api.schemas.work import SpecAsked, SpecShown, SpecTaskAsked, TaskShown
from omoi_os.models.spec import Spec
from omoi_os.models.spec_summary import SpecSummary
from omoi_os.models.task import Task
from omoi_os.services.spec_costs import SpecCosts
from omoi_os.services.tasks import TaskWish

router = APIRouter(prefix="/specs", tags=["specs"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=SpecShown)
def create(asked: SpecAsked, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Spec:
    """Write a spec down, in draft."""
    return given.specs.create(
        session,
        caller.id,
        project_id=asked.project_id,
        title=asked.title,
        description=asked.description,
    )


@router.get("/project/{project_id}", response_model=list[SpecShown])
def of_project(project_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Sequence[Spec]:
    """List the specs of a project."""
    return given.specs.of_project(session, caller.id, project_id)


@router.get("/{spec_id}", response_model=SpecShown)
def one(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Spec:
    """Show a spec."""
    return given.specs.get(session, caller.id, spec_id)


@router.post("/{spec_id}/tasks", status_code=201, response_model=TaskShown, responses={409: {"model": Problem}})
def add_task(spec_id: str, asked: SpecTaskAsked, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Task:
    """Give a spec a task."""
    return given.specs.add_task(session, caller.id, spec_id, TaskWish(**asked.model_dump()))


@router.get("/{spec_id}/tasks", response_model=list[TaskShown])
def tasks_of(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> Sequence[Task]:
    """List the tasks of a spec."""
    return given.specs.tasks_of(session, caller.id, spec_id)


@router.get("/{spec_id}/costs", response_model=SpecCostsShown)
def costs(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> SpecCosts:
    """Sum what a spec has cost so far, by phase and by agent."""
    return given.specs.costs(session, caller.id, spec_id)


@router.get("/{spec_id}/cost-summary", response_model=SpecSummaryShown)
def cost_summary(spec_id: str, caller: CallerDep, given: ServicesDep, session: SessionDep) -> SpecSummary:
    """Show what a completed spec had cost when it was completed."""
    return given.specs.final_costs(session, caller.id, spec_id)
