"""Projects: starting them, and who works in them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.organization import OrganizationRole
from omoi_os.models.project import Project, ProjectMembership, ProjectRole
from omoi_os.models.user import User
from omoi_os.services import access, organizations
from omoi_os.services.access import Standing
from omoi_os.services.errors import CallerMayNot, NothingThere


def start(session: Session, user_id: str, *, organization_id: str, name: str, description: str | None) -> Project:
    """Store a project whose owner is whoever starts it; viewers of the organization may not."""
    if organizations.role_in(session, user_id, organization_id) is OrganizationRole.VIEWER:
        raise CallerMayNot("Viewers of an organization start no projects.")
    project = Project(organization_id=organization_id, owner_id=user_id, name=name, description=description)
    session.add(project)
    session.flush()
    session.refresh(project)
    return project


def readable(session: Session, user_id: str) -> Sequence[Project]:
    """Return the projects somebody may read."""
    query = select(Project).where(Project.id.in_(access.readable_projects(user_id)))
    return session.scalars(query.order_by(Project.created_at)).all()


def members(session: Session, user_id: str, project_id: str) -> Sequence[ProjectMembership]:
    """Return who works in a project besides its owner."""
    access.project(session, user_id, project_id)
    query = select(ProjectMembership).where(ProjectMembership.project_id == project_id)
    return session.scalars(query.order_by(ProjectMembership.created_at)).all()


def add_member(
    session: Session, user_id: str, project_id: str, *, member_id: str, role: ProjectRole
) -> ProjectMembership:
    """Give somebody a role in a project, or another one."""
    access.project(session, user_id, project_id, needed=Standing.OWNER)
    if session.get(User, member_id) is None:
        raise NothingThere("There is no such person.")
    membership = session.get(ProjectMembership, (project_id, member_id))
    membership = membership or ProjectMembership(project_id=project_id, user_id=member_id)
    membership.role = role
    session.add(membership)
    session.flush()
    return membership


def remove_member(session: Session, user_id: str, project_id: str, *, member_id: str) -> None:
    """End somebody's part in a project."""
    access.project(session, user_id, project_id, needed=Standing.OWNER)
    membership = session.get(ProjectMembership, (project_id, member_id))
    if membership is None:
        raise NothingThere("This person does not work in the project.")
    session.delete(membership)
