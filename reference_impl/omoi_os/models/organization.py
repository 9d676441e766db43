"""Organizations and the roles people hold in them."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.user import User


class OrganizationRole(StrEnum):
    """What somebody may do in an organization, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Organization(Keyed, Dated, Base):
    """A company or team that owns projects."""

    __tablename__ = "organizations"

    name: Mapped[str]


class OrganizationMembership(Dated, Base):
    """One person's role in one organization."""

    __tablename__ = "organization_memberships"
    __table_args__ = (CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="role"),)

    organization_id: Mapped[str] = mapped_column(ForeignKey(Organization.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
