"""Projects and the people who work in them."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.organization import Organization
from omoi_os.models.user import User


class ProjectRole(StrEnum):
    """What somebody may do in a project besides its owner."""

    MEMBER = "member"
    VIEWER = "viewer"


class Project(Keyed, Dated, Base):
    """A body of work of one organization, owned by one person."""

    __tablename__ = "projects"

    organization_id: Mapped[str] = mapped_column(ForeignKey(Organization.id), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey(User.id), index=True)
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)


class ProjectMembership(Dated, Base):
    """One person's role in one project."""

    __tablename__ = "project_memberships"
    __table_args__ = (CheckConstraint("role IN ('member', 'viewer')", name="role"),)

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str]
