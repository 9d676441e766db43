"""Limits: the budgets that cover something, found, locked, and compared with what is asked of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, Numeric, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from omoi_os.models.budget import Budget
from omoi_os.services import scopes
from omoi_os.services.errors import BudgetExceeded, Shortage
from omoi_os.services.scopes import Spender


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


RUNNING: Final = or_(Budget.period_end.is_(None), Budget.period_end > func.now())


def active(session: Session, which: ColumnElement[bool]) -> Sequence[Budget]:
    """Return the budgets that a condition selects and whose period runs, freshly read."""
    return session.scalars(_reading(which)).all()


def covering(session: Session, *spenders: Spender, lock: bool = False) -> Sequence[Budget]:
    """Return the active budgets over any of these, freshly read and perhaps locked until the transaction ends.

    Locks are taken in the order of the keys, so that two transactions never wait for each other.
    """
    return session.scalars(_COVERING_LOCKED if lock else _COVERING, scopes.payers(*spenders)).all()


def spend(session: Session, amount: Decimal, *, spender: Spender) -> Sequence[Budget]:
    """Add an amount to every active budget over a spender; returns them as they stand then, locked."""
    return _in_order(session.scalars(_SPENDING, {"amount": amount, **scopes.payers(spender)}))


def spend_of(session: Session, amount: Decimal, which: ColumnElement[bool]) -> Sequence[Budget]:
    """Add an amount to the active budgets that a condition selects; returns them as they stand then, locked."""
    return _in_order(session.scalars(_spending(which), {"amount": amount}))


def of_scope(scope_type: str, scope_id: str | None) -> ColumnElement[bool]:
    """Return the condition on the budgets of exactly one scope."""
    return (Budget.scope_type == scope_type) & (Budget.scope_id.is_not_distinct_from(scope_id))


def visible(session: Session, which: ColumnElement[bool]) -> Sequence[Budget]:
    """Return the budgets a condition selects, the newest first, expired ones included."""
    return session.scalars(select(Budget).where(which).order_by(Budget.id.desc())).all()


def tightest(budgets: Sequence[Budget], own: Mapping[int, Decimal] | None = None) -> Room | None:
    """Return the budget that leaves least to somebody who holds this much of each; None without budgets."""
    held = own or {}
    rooms = [Room(budget=one, reserved=one.reserved_amount - held.get(one.id, Decimal(0))) for one in budgets]
    return min(rooms, key=lambda room: room.left, default=None)


def _reading(which: ColumnElement[bool]) -> Select[Budget]:
    """Select the active budgets among some, in the order in which they are locked."""
    query = select(Budget).where(which, RUNNING).order_by(Budget.id)
    return query.execution_options(populate_existing=True)


def _spending(which: ColumnElement[bool]) -> ReturningUpdate[Budget]:
    """Lock the active budgets among some, in order, and add an amount to them, all in one round trip."""
    locked = select(Budget.id).where(which, RUNNING).order_by(Budget.id).with_for_update()
    more = Budget.spent_amount + bindparam("amount", type_=Numeric)
    statement = update(Budget).where(Budget.id.in_(locked)).values(spent_amount=more, updated_at=func.now())
    return statement.returning(Budget).execution_options(populate_existing=True, synchronize_session=False)


def _in_order(budgets: Iterable[Budget]) -> Sequence[Budget]:
    """Sort budgets as they were locked."""
    return sorted(budgets, key=lambda budget: budget.id)


_COVERING: Final = _reading(scopes.COVERING)
_COVERING_LOCKED: Final = _COVERING.with_for_update()
_SPENDING: Final = _spending(scopes.COVERING)
