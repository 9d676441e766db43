"""Specs: a specification on its way from draft to completed."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.project import Project
from omoi_os.models.ticket import Ticket


class SpecStatus(StrEnum):
    """Where a spec stands, in the order it passes through."""

    DRAFT = "draft"
    REQUIREMENTS = "requirements"
    DESIGN = "design"
    EXECUTING = "executing"
    COMPLETED = "completed"


class Spec(Keyed, Dated, Base):
    """A specification of a project; its ticket holds the tasks that were given none of their own."""

    __tablename__ = "specs"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'requirements', 'design', 'executing', 'completed')", name="status"),
    )

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id), index=True)
    title: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(default=SpecStatus.DRAFT, server_default="draft")
    ticket_id: Mapped[str | None] = mapped_column(ForeignKey(Ticket.id), sort_order=1)
