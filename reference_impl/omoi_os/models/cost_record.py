"""Cost records: what one LLM call cost."""

from datetime import datetime

from sqlalchemy import DateTime, Float, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from omoi_os.models.agent import Agent
from omoi_os.models.base import Base, utc_now
from omoi_os.models.task import Task


class CostRecord(Base):
    """The tokens and US dollars of one call; it outlives the wish to delete its task or agent."""

    __tablename__ = "cost_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str | None] = mapped_column(ForeignKey(Task.id, ondelete="RESTRICT"), index=True)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey(Agent.id, ondelete="RESTRICT"), index=True)
    provider: Mapped[str]
    model: Mapped[str]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    prompt_cost: Mapped[float] = mapped_column(Float)
    completion_cost: Mapped[float] = mapped_column(Float)
    total_cost: Mapped[float] = mapped_column(Float)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=utc_now)
    total_tokens: Mapped[int]

    # Loaded on demand, unlike elsewhere: whoever holds a record may ask what it was spent on.
    task: Mapped[Task | None] = relationship(lazy="select")
    agent: Mapped[Agent | None] = relationship(lazy="select")
