"""Final summaries: what a spec had cost when it was completed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base
from omoi_os.models.spec import Spec


class SpecSummary(Base):
    """Costs of a completed spec in US dollars, as a whole, by phase and by agent."""

    __tablename__ = "spec_summaries"

    spec_id: Mapped[str] = mapped_column(ForeignKey(Spec.id, ondelete="CASCADE"), primary_key=True)
    total_cost: Mapped[float]
    total_tokens: Mapped[int] = mapped_column(BigInteger)
    record_count: Mapped[int]
    by_phase: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    by_agent: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    completed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
