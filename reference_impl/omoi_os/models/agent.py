"""Agents: who works a task off."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.project import Project


class Agent(Keyed, Dated, Base):
    """A worker of one project."""

    __tablename__ = "agents"

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id), index=True)
    name: Mapped[str]
    agent_type: Mapped[str] = mapped_column(default="worker", server_default="worker")
    status: Mapped[str] = mapped_column(default="idle", server_default="idle")
