"""Tickets: what somebody asked for."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.project import Project


class Ticket(Keyed, Dated, Base):
    """A request of a project, worked off by tasks."""

    __tablename__ = "tickets"

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id), index=True)
    title: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(default="open", server_default="open")
