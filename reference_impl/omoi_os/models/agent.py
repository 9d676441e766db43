"""Agents: who works a task off."""

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.project import Project


class Agent(Keyed, Dated, Base):
    """A worker of one project, who calls one model of one provider, answered at once or as a stream."""

    __tablename__ = "agents"

    project_id: Mapped[str] = mapped_column(ForeignKey(Project.id), index=True)
    name: Mapped[str]
    agent_type: Mapped[str] = mapped_column(default="worker", server_default="worker")
    status: Mapped[str] = mapped_column(default="idle", server_default="idle")
    provider: Mapped[str] = mapped_column(server_default="anthropic", sort_order=1)
    model: Mapped[str] = mapped_column(server_default="claude-sonnet-4.5", sort_order=1)
    streams: Mapped[bool] = mapped_column(default=False, server_default=false(), sort_order=1)
