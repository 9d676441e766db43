"""Documents about people, organizations and projects."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import EmailStr, Field

from omoi_os.api.schemas.fields import Asked, Name, Prose, Shown
from omoi_os.models.organization import OrganizationRole
from omoi_os.models.project import ProjectRole

Password = Annotated[str, Field(min_length=8, max_length=200)]


class Registration(Asked):
    """Somebody who wants an account."""

    email: EmailStr
    password: Password
    full_name: Name | None = None


class Credentials(Asked):
    """Somebody who has one."""

    email: EmailStr
    password: str = Field(max_length=200)


class Renewal(Asked):
    """A refresh token to be traded for new tokens."""

    refresh_token: str


class Tokens(Shown):
    """What logging in returns; expires_in is in seconds."""

    user_id: str
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a scheme and no secret
    expires_in: int


class Person(Shown):
    """Somebody, as shown to themselves."""

    id: str
    email: str
    full_name: str | None
    created_at: datetime


class OrganizationAsked(Asked):
    """An organization to be founded."""

    name: Name


class OrganizationShown(Shown):
    """An organization."""

    id: str
    name: str
    created_at: datetime


class OrganizationMemberAsked(Asked):
    """A role in an organization to be given."""

    user_id: Name
    role: OrganizationRole


class OrganizationMemberShown(Shown):
    """A role in an organization."""

    organization_id: str
    user_id: str
    role: OrganizationRole


class ProjectAsked(Asked):
    """A project to be started."""

    organization_id: Name
    name: Name
    description: Prose | None = None


class ProjectShown(Shown):
    """A project."""

    id: str
    organization_id: str
    owner_id: str
    name: str
    description: str | None
    created_at: datetime


class ProjectMemberAsked(Asked):
    """A role in a project to be given."""

    user_id: Name
    role: ProjectRole


class ProjectMemberShown(Shown):
    """A role in a project."""

    project_id: str
    user_id: str
    role: ProjectRole
