"""Projects and their members."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, SessionDep
from omoi_os.api.schemas.accounts import ProjectAsked, ProjectMemberAsked, ProjectMemberShown, ProjectShown
from omoi_os.models.project import Project, ProjectMembership
from omoi_os.services import access, projects

router = APIRouter(prefix="/projects", tags=["projects"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=ProjectShown)
def start(asked: ProjectAsked, caller: CallerDep, session: SessionDep) -> Project:
    """Start a project, owned by whoever asks."""
    return projects.start(
        session,
        caller.id,
        organization_id=asked.organization_id,
        name=asked.name,
        description=asked.description,
    )


@router.get("", response_model=list[ProjectShown])
def readable(caller: CallerDep, session: SessionDep) -> Sequence[Project]:
    """List the projects one may read."""
    return projects.readable(session, caller.id)


@router.get("/{project_id}", response_model=ProjectShown)
def one(project_id: str, caller: CallerDep, session: SessionDep) -> Project:
    """Show a project."""
    return access.project(session, caller.id, project_id)


@router.get("/{project_id}/members", response_model=list[ProjectMemberShown])
def members(project_id: str, caller: CallerDep, session: SessionDep) -> Sequence[ProjectMembership]:
    """List who works in a project besides its owner."""
    return projects.members(session, caller.id, project_id)


@router.post("/{project_id}/members", status_code=201, response_model=ProjectMemberShown)
def add_member(project_id: str, asked: ProjectMemberAsked, caller: CallerDep, session: SessionDep) -> ProjectMembership:
    """Give somebody a role in a project, or another one."""
    return projects.add_member(session, caller.id, project_id, member_id=asked.user_id, role=asked.role)


@router.delete("/{project_id}/members/{user_id}", status_code=204)
def remove_member(project_id: str, user_id: str, caller: CallerDep, session: SessionDep) -> None:
    """End somebody's part in a project."""
    projects.remove_member(session, caller.id, project_id, member_id=user_id)
