"""Organizations: founding them, and who holds which role."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from omoi_os.models.organization import Organization, OrganizationMembership, OrganizationRole
from omoi_os.models.project import Project, ProjectMembership
from omoi_os.models.user import User
from omoi_os.services import access
from omoi_os.services.errors import CallerMayNot, NothingThere, StateForbids


def found(session: Session, user_id: str, *, name: str) -> Organization:
    """Store an organization with its founder as owner.

    Whoever may found one becomes an administrator, and administrators set limits for the whole
    installation. So only the first is free for all; the next are founded by an administrator of one that exists.
    """
    if session.scalar(select(exists().where(Organization.id.is_not(None)))):
        access.any_administrator(session, user_id)
    organization = Organization(name=name)
    session.add(organization)
    session.flush()
    session.add(_membership(organization.id, user_id, OrganizationRole.OWNER))
    session.flush()
    session.refresh(organization)
    return organization


def of_user(session: Session, user_id: str) -> Sequence[Organization]:
    """Return the organizations somebody belongs to."""
    own = select(OrganizationMembership.organization_id).where(OrganizationMembership.user_id == user_id)
    return session.scalars(select(Organization).where(Organization.id.in_(own)).order_by(Organization.created_at)).all()


def role_in(session: Session, user_id: str, organization_id: str) -> OrganizationRole:
    """Return somebody's role; raises NothingThere for strangers and unknown organizations alike."""
    membership = session.get(OrganizationMembership, (organization_id, user_id))
    if membership is None:
        raise NothingThere("There is no such organization, or you do not belong to it.")
    return OrganizationRole(membership.role)


def add_member(
    session: Session, user_id: str, organization_id: str, *, member_id: str, role: OrganizationRole
) -> OrganizationMembership:
    """Give somebody a role, or another one; only owners make or change owners."""
    present = _managed(session, user_id, organization_id, member_id, granted=role)
    if session.get(User, member_id) is None:
        raise NothingThere("There is no such person.")
    if present and present.role == OrganizationRole.OWNER != role:
        _keep_an_owner(session, organization_id)
    membership = present or _membership(organization_id, member_id, role)
    membership.role = role
    session.add(membership)
    session.flush()
    return membership


def remove_member(session: Session, user_id: str, organization_id: str, *, member_id: str) -> None:
    """Take somebody out of an organization and its projects; those they owned pass to whoever does it."""
    membership = _managed(session, user_id, organization_id, member_id, granted=None)
    if membership is None:
        raise NothingThere("This person does not belong to the organization.")
    if membership.role == OrganizationRole.OWNER:
        _keep_an_owner(session, organization_id)
    session.delete(membership)
    _withdraw_from_projects(session, organization_id, member_id, heir=user_id)


def _managed(
    session: Session, user_id: str, organization_id: str, member_id: str, *, granted: OrganizationRole | None
) -> OrganizationMembership | None:
    """Return the membership to be changed, once it is sure that the caller may change it."""
    own = role_in(session, user_id, organization_id)
    if own not in access.ADMINISTRATORS:
        raise CallerMayNot("This is for administrators and owners of the organization.")
    present = session.get(OrganizationMembership, (organization_id, member_id))
    touched = {granted, present.role if present else None}
    if OrganizationRole.OWNER in touched and own is not OrganizationRole.OWNER:
        raise CallerMayNot("Only an owner of the organization makes, changes or removes an owner.")
    return present


def _keep_an_owner(session: Session, organization_id: str) -> None:
    """Refuse to take the role from the last owner; owners are locked, so that two cannot leave at once."""
    owners = session.scalars(
        select(OrganizationMembership)
        .where(
            OrganizationMembership.organization_id == organization_id,
            OrganizationMembership.role == OrganizationRole.OWNER,
        )
        .order_by(OrganizationMembership.user_id)
        .with_for_update(),
    ).all()
    if len(owners) == 1:
        raise StateForbids("An organization keeps at least one owner.")


def _withdraw_from_projects(session: Session, organization_id: str, member_id: str, *, heir: str) -> None:
    """End somebody's part in every project of an organization."""
    projects = select(Project.id).where(Project.organization_id == organization_id)
    session.execute(
        delete(ProjectMembership).where(
            ProjectMembership.user_id == member_id,
            ProjectMembership.project_id.in_(projects),
        ),
    )
    owned = (Project.organization_id == organization_id) & (Project.owner_id == member_id)
    session.execute(update(Project).where(owned).values(owner_id=heir))


def _membership(organization_id: str, user_id: str, role: OrganizationRole) -> OrganizationMembership:
    """Build a membership."""
    return OrganizationMembership(organization_id=organization_id, user_id=user_id, role=role)
