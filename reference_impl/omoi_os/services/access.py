"""Access: who may see and do what."""

from enum import IntEnum
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.budget import Budget, BudgetScope
from omoi_os.models.organization import OrganizationMembership, OrganizationRole
from omoi_os.models.project import Project, ProjectMembership, ProjectRole
from omoi_os.models.spec import Spec
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services.errors import CallerMayNot, NothingThere
from omoi_os.services.scopes import CostScope

Row = TypeVar("Row")

ADMINISTRATORS = (OrganizationRole.OWNER, OrganizationRole.ADMIN)


class Standing(IntEnum):
    """How much somebody may do in a project; administrators of its organization count as owners."""

    STRANGER = 0
    VIEWER = 1
    MEMBER = 2
    OWNER = 3


def project(session: Session, user_id: str, project_id: str, *, needed: Standing = Standing.VIEWER) -> Project:
    """Return a project for somebody who stands high enough in it; raises NothingThere or CallerMayNot.

    A stranger is told the same as somebody who asks for a project that does not exist.
    """
    found = session.get(Project, project_id)
    standing = _standing(session, user_id, found) if found else Standing.STRANGER
    if found is None or standing is Standing.STRANGER:
        raise NothingThere("There is no such thing, or it is not yours to see.")
    if standing < needed:
        raise CallerMayNot(
            f"This needs the standing of {needed.name.lower()} in the project; you are {standing.name.lower()}."
        )
    return found


def ticket(session: Session, user_id: str, ticket_id: str, *, needed: Standing = Standing.VIEWER) -> Ticket:
    """Return a ticket under the rules of its project."""
    found = session.get(Ticket, ticket_id)
    project(session, user_id, found.project_id if found else "", needed=needed)
    return _present(found)


def spec(session: Session, user_id: str, spec_id: str, *, needed: Standing = Standing.VIEWER) -> Spec:
    """Return a spec under the rules of its project."""
    found = session.get(Spec, spec_id)
    project(session, user_id, found.project_id if found else "", needed=needed)
    return _present(found)


def task(session: Session, user_id: str, task_id: str, *, needed: Standing = Standing.VIEWER) -> Task:
    """Return a task under the rules of its project."""
    found = session.get(Task, task_id)
    ticket(session, user_id, found.ticket_id if found else "", needed=needed)
    return _present(found)


def agent(session: Session, user_id: str, agent_id: str, *, needed: Standing = Standing.VIEWER) -> Agent:
    """Return an agent under the rules of its project."""
    found = session.get(Agent, agent_id)
    project(session, user_id, found.project_id if found else "", needed=needed)
    return _present(found)


def scope(
    session: Session,
    user_id: str,
    scope_type: CostScope | BudgetScope,
    scope_id: str | None,
    *,
    needed: Standing = Standing.VIEWER,
) -> None:
    """Refuse a scope that somebody may not use; global, agent and phase scopes are for administrators."""
    guards = {"project": project, "spec": spec, "ticket": ticket, "task": task}
    if scope_type in guards:
        guards[scope_type](session, user_id, scope_id or "", needed=needed)
        return
    any_administrator(session, user_id)
    if scope_type == CostScope.AGENT:
        agent(session, user_id, scope_id or "", needed=Standing.OWNER)


def any_administrator(session: Session, user_id: str) -> None:
    """Refuse whoever administers no organization."""
    if not administers(session, user_id):
        raise CallerMayNot("This is for administrators and owners of an organization.")


def administers(session: Session, user_id: str) -> bool:
    """Tell whether somebody administers an organization."""
    return session.scalar(_administered(user_id).limit(1)) is not None


def readable_projects(user_id: str) -> Select[str]:
    """Select the keys of the projects somebody may read."""
    member = select(ProjectMembership.project_id).where(ProjectMembership.user_id == user_id)
    return select(Project.id).where(
        or_(
            Project.owner_id == user_id,
            Project.id.in_(member),
            Project.organization_id.in_(_administered(user_id)),
        ),
    )


def readable_budgets(session: Session, user_id: str) -> ColumnElement[bool]:
    """Return the condition on the budgets somebody may read."""
    projects = readable_projects(user_id)
    keyed = {
        BudgetScope.PROJECT: projects,
        BudgetScope.SPEC: select(Spec.id).where(Spec.project_id.in_(projects)),
        BudgetScope.TICKET: select(Ticket.id).where(Ticket.project_id.in_(projects)),
        BudgetScope.AGENT: _administered_agents(user_id),
    }
    parts = [(Budget.scope_type == kind) & Budget.scope_id.in_(keys) for kind, keys in keyed.items()]
    unkeyed = Budget.scope_type.in_([BudgetScope.GLOBAL, BudgetScope.PHASE])
    return or_(*parts, unkeyed & (true() if administers(session, user_id) else false()))


def _administered(user_id: str) -> Select[str]:
    """Select the keys of the organizations somebody administers."""
    return select(OrganizationMembership.organization_id).where(
        OrganizationMembership.user_id == user_id,
        OrganizationMembership.role.in_(ADMINISTRATORS),
    )


def _administered_agents(user_id: str) -> Select[str]:
    """Select the keys of the agents in the organizations somebody administers."""
    projects = select(Project.id).where(Project.organization_id.in_(_administered(user_id)))
    return select(Agent.id).where(Agent.project_id.in_(projects))


def _standing(session: Session, user_id: str, of: Project) -> Standing:
    """Return how somebody stands in a project."""
    if of.owner_id == user_id or _administers_one(session, user_id, of.organization_id):
        return Standing.OWNER
    membership = session.get(ProjectMembership, (of.id, user_id))
    if membership is None:
        return Standing.STRANGER
    return Standing.MEMBER if membership.role == ProjectRole.MEMBER else Standing.VIEWER


def _administers_one(session: Session, user_id: str, organization_id: str) -> bool:
    """Tell whether somebody administers this organization."""
    membership = session.get(OrganizationMembership, (organization_id, user_id))
    return membership is not None and membership.role in ADMINISTRATORS


def _present(found: Row | None) -> Row:
    """Return what was found; whoever gets here without it asked for a project that cannot exist."""
    if found is None:
        raise NothingThere("There is no such thing, or it is not yours to see.")
    return found
