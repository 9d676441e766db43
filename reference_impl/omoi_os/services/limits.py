"""Limits: the budgets that cover something, found, locked, and compared with what is asked of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from omoi_os.models.base import utc_now
from omoi_os.models.budget import Budget
from omoi_os.services.errors import BudgetExceeded, Shortage


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A budget and what others reserved of it, in US dollars."""

    budget: Budget
    reserved: Decimal

    @property
    def left(self) -> Decimal:
        """What may still be promised; below zero when more was spent than allowed."""
        return self.budget.limit_amount - self.budget.spent_amount - self.reserved

    def refusal(self, needed: Decimal) -> BudgetExceeded:
        """Say that this budget stands against it."""
        return BudgetExceeded(
            Shortage(
                scope_type=self.budget.scope_type,
                scope_id=self.budget.scope_id,
                limit=self.budget.limit_amount,
                spent=self.budget.spent_amount,
                reserved=self.reserved,
                needed=needed,
            )
        )


def of_scope(scope_type: str, scope_id: str | None) -> ColumnElement[bool]:
    """Return the condition on the budgets of exactly one scope."""
    return (Budget.scope_type == scope_type) & (Budget.scope_id.is_not_distinct_from(scope_id))


def active(session: Session, which: ColumnElement[bool], *, lock: bool = False) -> Sequence[Budget]:
    """Return the budgets whose period runs, freshly read and perhaps locked until the transaction ends.

    Locks are taken in the order of the keys, so that two transactions never wait for each other.
    """
    running = or_(Budget.period_end.is_(None), Budget.period_end > utc_now())
    query = select(Budget).where(which, running).order_by(Budget.id).execution_options(populate_existing=True)
    return session.scalars(query.with_for_update() if lock else query).all()


def visible(session: Session, which: ColumnElement[bool]) -> Sequence[Budget]:
    """Return the budgets a condition selects, the newest first, expired ones included."""
    return session.scalars(select(Budget).where(which).order_by(Budget.id.desc())).all()


def tightest(budgets: Sequence[Budget], own: Mapping[int, Decimal]) -> Room | None:
    """Return the budget that leaves least to somebody who holds this much of each; None without budgets."""
    rooms = [Room(budget=one, reserved=one.reserved_amount - own.get(one.id, Decimal(0))) for one in budgets]
    return min(rooms, key=lambda room: room.left, default=None)
