"""The outbox: events that were decided with their rows and wait for the bus."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, new_id


class OutboxEvent(Dated, Base):
    """One event; `project_id` is None where it concerns no single project.

    Keys are drawn before the commit, so that a smaller one may appear after a greater one was read. `position` is
    given to what is committed, without gaps and in order: whoever has read up to one has missed nothing.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "project_id", "position"),
        Index("ix_outbox_unplaced", "id", postgresql_where=text("position IS NULL")),
        Index("ix_outbox_waiting", "position", postgresql_where=text("published_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-1)
    event_id: Mapped[str] = mapped_column(unique=True, default=new_id)
    event_type: Mapped[str]
    entity_type: Mapped[str]
    entity_id: Mapped[str]
    project_id: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), sort_order=1)
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True, sort_order=1)
