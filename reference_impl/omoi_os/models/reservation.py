"""Reservations: what an assigned task holds back of a budget."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base
from omoi_os.models.budget import Budget
from omoi_os.models.task import Task


class Reservation(Base):
    """US dollars of one budget that one task has not spent yet and nobody else may."""

    __tablename__ = "reservations"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount"),)

    task_id: Mapped[str] = mapped_column(ForeignKey(Task.id, ondelete="CASCADE"), primary_key=True)
    budget_id: Mapped[int] = mapped_column(ForeignKey(Budget.id, ondelete="CASCADE"), primary_key=True, index=True)
    amount: Mapped[Decimal] = mapped_column(Numeric)
