"""Tasks: the pieces of work that cost money."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from omoi_os.models.base import Base, Dated, Keyed
from omoi_os.models.spec import Spec
from omoi_os.models.ticket import Ticket


class Task(Keyed, Dated, Base):
    """One piece of work in a phase, of a ticket and perhaps of a spec."""

    __tablename__ = "tasks"

    ticket_id: Mapped[str] = mapped_column(ForeignKey(Ticket.id), index=True)
    title: Mapped[str]
    phase: Mapped[str] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(default="pending", server_default="pending")
    spec_id: Mapped[str | None] = mapped_column(ForeignKey(Spec.id), index=True, sort_order=1)

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    spec: Mapped[Spec | None] = relationship(lazy="raise")
