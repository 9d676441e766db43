"""The outbox: events that were decided with their rows and wait for the bus."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, new_id


class OutboxEvent(Dated, Base):
    """One event in the order in which it happened; `project_id` is None where it concerns no single project."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "project_id", "id"),
        Index("ix_outbox_waiting", "id", postgresql_where=text("published_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-1)
    event_id: Mapped[str] = mapped_column(unique=True, default=new_id)
    event_type: Mapped[str]
    entity_type: Mapped[str]
    entity_id: Mapped[str]
    project_id: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), sort_order=1)
