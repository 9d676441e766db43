"""Organizations and their members."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, SessionDep
from omoi_os.api.schemas.accounts import (
    OrganizationAsked,
    OrganizationMemberAsked,
    OrganizationMemberShown,
    OrganizationShown,
)
from omoi_os.models.organization import Organization, OrganizationMembership
from omoi_os.services import organizations

router = APIRouter(prefix="/organizations", tags=["organizations"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=OrganizationShown)
def found(asked: OrganizationAsked, caller: CallerDep, session: SessionDep) -> Organization:
    """Found an organization; after the first this is for administrators of one."""
    return organizations.found(session, caller.id, name=asked.name)


@router.get("", response_model=list[OrganizationShown])
def own(caller: CallerDep, session: SessionDep) -> Sequence[Organization]:
    """List the organizations one belongs to."""
    return organizations.of_user(session, caller.id)


@router.post("/{organization_id}/members", status_code=201, response_model=OrganizationMemberShown)
def add_member(
    organization_id: str, asked: OrganizationMemberAsked, caller: CallerDep, session: SessionDep
) -> OrganizationMembership:
    """Give somebody a role, or another one."""
    return organizations.add_member(session, caller.id, organization_id, member_id=asked.user_id, role=asked.role)


@router.delete("/{organization_id}/members/{user_id}", status_code=204)
def remove_member(organization_id: str, user_id: str, caller: CallerDep, session: SessionDep) -> None:
    """Take somebody out of an organization and its projects."""
    organizations.remove_member(session, caller.id, organization_id, member_id=user_id)
