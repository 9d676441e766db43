"""Budgets: how much may be spent on a scope."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, Index, Numeric, func
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base


class BudgetScope(StrEnum):
    """What a budget can cover."""

    GLOBAL = "global"
    PROJECT = "project"
    SPEC = "spec"
    TICKET = "ticket"
    AGENT = "agent"
    PHASE = "phase"


class Budget(Base):
    """A limit in US dollars with what was spent under it, both exact."""

    __tablename__ = "budgets"
    __table_args__ = (
        CheckConstraint(
            "scope_type IN ('global', 'project', 'spec', 'ticket', 'agent', 'phase')",
            name="scope_type",
        ),
        CheckConstraint("(scope_type = 'global') = (scope_id IS NULL)", name="scope_id"),
        # PostgreSQL sorts NaN above every number, so the upper bound refuses it along with infinity.
        CheckConstraint("limit_amount >= 0 AND limit_amount < 'Infinity'", name="limit_amount"),
        CheckConstraint("alert_threshold BETWEEN 0 AND 1", name="alert_threshold"),
        CheckConstraint("reserved_amount >= 0", name="reserved_amount"),
        Index(None, "scope_type", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_type: Mapped[str]
    scope_id: Mapped[str | None]
    limit_amount: Mapped[Decimal] = mapped_column(Numeric)
    spent_amount: Mapped[Decimal] = mapped_column(Numeric, default=Decimal(0), server_default="0")
    alert_threshold: Mapped[Decimal] = mapped_column(Numeric, default=Decimal("0.8"), server_default="0.8")
    period_start: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    period_end: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    reserved_amount: Mapped[Decimal] = mapped_column(Numeric, default=Decimal(0), server_default="0")

    @property
    def remaining_amount(self) -> Decimal:
        """What may still be spent, never below zero, in US dollars."""
        return max(self.limit_amount - self.spent_amount, Decimal(0))

    @property
    def utilization_percent(self) -> float:
        """Spent as a share of the limit in percent; a limit of zero is used up from the start."""
        if not self.limit_amount:
            return 100.0
        return float(self.spent_amount / self.limit_amount * 100)

    @property
    def exceeded(self) -> bool:
        """Whether the limit is reached."""
        return self.is_exceeded_at(self.spent_amount)

    @property
    def alert_triggered(self) -> bool:
        """Whether the share that calls for a warning is reached."""
        return self.warns_at(self.spent_amount)

    def is_exceeded_at(self, spent: Decimal) -> bool:
        """Tell whether so much spent reaches the limit."""
        return spent >= self.limit_amount

    def warns_at(self, spent: Decimal) -> bool:
        """Tell whether so much spent reaches the share that calls for a warning."""
        return spent >= self.limit_amount * self.alert_threshold
