"""Access: who may see and do what."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, TypeVar, TypeVarTuple, cast

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, false, or_, select, true
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
Columns = TypeVarTuple("Columns")

NOWHERE = "There is no such thing, or it is not yours to see."
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
    return _permitted(session, _PROJECT, user_id=user_id, key=project_id, needed=needed)


def ticket(session: Session, user_id: str, ticket_id: str, *, needed: Standing = Standing.VIEWER) -> Ticket:
    """Return a ticket under the rules of its project."""
    return _permitted(session, _TICKET, user_id=user_id, key=ticket_id, needed=needed)


def spec(session: Session, user_id: str, spec_id: str, *, needed: Standing = Standing.VIEWER) -> Spec:
    """Return a spec under the rules of its project."""
    return _permitted(session, _SPEC, user_id=user_id, key=spec_id, needed=needed)


def task(session: Session, user_id: str, task_id: str, *, needed: Standing = Standing.VIEWER) -> Task:
    """Return a task under the rules of its project."""
    return _permitted(session, _TASK, user_id=user_id, key=task_id, needed=needed)


def agent(session: Session, user_id: str, agent_id: str, *, needed: Standing = Standing.VIEWER) -> Agent:
    """Return an agent under the rules of its project."""
    return _permitted(session, _AGENT, user_id=user_id, key=agent_id, needed=needed)


def budget(session: Session, user_id: str, budget_id: int, *, needed: Standing) -> Budget:
    """Return a budget under the rules of its scope."""
    found = session.get(Budget, budget_id)
    if found is None:
        raise NothingThere(NOWHERE)
    scope(session, user_id, BudgetScope(found.scope_type), found.scope_id, needed=needed)
    return found


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


def standing(user_id: str, roles: Sequence[str | None]) -> Standing:
    """Return how somebody stands in a project, by what `with_roles` found of it."""
    owner_id, of_organization, of_project = roles
    if user_id == owner_id or of_organization in ADMINISTRATORS:
        return Standing.OWNER
    if of_project is None:
        return Standing.STRANGER
    return Standing.MEMBER if of_project == ProjectRole.MEMBER else Standing.VIEWER


def demand(standing: Standing, needed: Standing) -> None:
    """Refuse whoever does not stand high enough in a project that they may see."""
    if standing < needed:
        raise CallerMayNot(
            f"This needs the standing of {needed.name.lower()} in the project; you are {standing.name.lower()}."
        )


def with_roles(query: Select[*Columns]) -> Select[*Columns]:
    """Add to a query that reaches a project who owns it, and the roles that its `user_id` has around it."""
    in_organization = (
        OrganizationMembership.organization_id == Project.organization_id,
        OrganizationMembership.user_id == bindparam("user_id"),
    )
    in_project = (ProjectMembership.project_id == Project.id, ProjectMembership.user_id == bindparam("user_id"))
    roles = (Project.owner_id, OrganizationMembership.role, ProjectMembership.role)
    joined = query.outerjoin(OrganizationMembership, and_(*in_organization))
    widened = joined.outerjoin(ProjectMembership, and_(*in_project)).add_columns(*roles)
    return cast("Select[*Columns]", widened)


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


def _permitted(session: Session, query: Select[Row], *, user_id: str, key: str, needed: Standing) -> Row:
    """Return one thing, read in one round trip with the roles of whoever asks; raises NothingThere or CallerMayNot."""
    found = session.execute(query, {"key": key, "user_id": user_id}).first()
    reached = Standing.STRANGER if found is None else standing(user_id, found[1:])
    if found is None or reached is Standing.STRANGER:
        raise NothingThere(NOWHERE)
    demand(reached, needed)
    return found[0]


# Built once, since every request asks one of these.
_KEY: Final = bindparam("key", type_=String)
_PROJECT: Final = with_roles(select(Project).where(Project.id == _KEY))
_TICKET: Final = with_roles(select(Ticket).join(Project, Ticket.project_id == Project.id).where(Ticket.id == _KEY))
_SPEC: Final = with_roles(select(Spec).join(Project, Spec.project_id == Project.id).where(Spec.id == _KEY))
_AGENT: Final = with_roles(select(Agent).join(Project, Agent.project_id == Project.id).where(Agent.id == _KEY))
_TASK: Final = with_roles(
    select(Task)
    .join(Ticket, Task.ticket_id == Ticket.id)
    .join(Project, Ticket.project_id == Project.id)
    .where(Task.id == _KEY)
)
