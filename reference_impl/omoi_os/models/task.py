"""Tasks: the pieces of work that cost money."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from omoi_os.models.agent import Agent
from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.spec import Spec
from omoi_os.models.ticket import Ticket


class TaskStatus(StrEnum):
    """Where a task stands; a failed one may be assigned again."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Task(Keyed, Dated, Base):
    """One piece of work in a phase, of a ticket and perhaps of a spec; `agent_id` is who runs it."""

    __tablename__ = "tasks"

    ticket_id: Mapped[str] = mapped_column(ForeignKey(Ticket.id), index=True)
    title: Mapped[str]
    phase: Mapped[str] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default=TaskStatus.PENDING, server_default="pending")
    spec_id: Mapped[str | None] = mapped_column(ForeignKey(Spec.id), index=True, sort_order=1)
    description: Mapped[str | None] = mapped_column(Text, sort_order=1)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey(Agent.id), index=True, sort_order=1)
    requested_by: Mapped[str | None] = mapped_column(ForeignKey(Agent.id), index=True, sort_order=1)

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    spec: Mapped[Spec | None] = relationship(lazy="raise")
