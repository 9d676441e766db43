"""Reservations: what assigned tasks hold back of the budgets that cover them.

A reservation changes only while its budget's row is locked, so a budget's reserved amount is always their sum.
"""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.budget import Budget
from omoi_os.models.reservation import Reservation


def hold(session: Session, task_id: str, budgets: Sequence[Budget], *, amount: Decimal) -> None:
    """Hold an amount back in each of these locked budgets."""
    for budget in budgets:
        budget.reserved_amount += amount
        session.add(Reservation(task_id=task_id, budget_id=budget.id, amount=amount))
    session.flush()


def use(session: Session, task_id: str, budgets: Sequence[Budget], *, amount: Decimal) -> None:
    """Take what a task spent out of what it holds in these locked budgets, and no more than it holds."""
    if not any(budget.reserved_amount for budget in budgets):
        return
    held = {one.budget_id: one for one in _of_task(session, task_id)}
    for budget in budgets:
        if budget.id in held:
            used = min(amount, held[budget.id].amount)
            held[budget.id].amount -= used
            budget.reserved_amount -= used
    session.flush()


def release(session: Session, task_id: str) -> None:
    """Give back all that a task still holds."""
    locked = {budget.id: budget for budget in _lock_budgets_of(session, task_id)}
    for reservation in _of_task(session, task_id) if locked else ():
        locked[reservation.budget_id].reserved_amount -= reservation.amount
        session.delete(reservation)
    session.flush()


def held(session: Session, task_id: str | None) -> dict[int, Decimal]:
    """Return what a task holds, by budget."""
    if task_id is None:
        return {}
    return {one.budget_id: one.amount for one in _of_task(session, task_id)}


def _of_task(session: Session, task_id: str) -> Sequence[Reservation]:
    """Read a task's reservations as they are now."""
    query = select(Reservation).where(Reservation.task_id == task_id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _lock_budgets_of(session: Session, task_id: str) -> Sequence[Budget]:
    """Lock the budgets in which a task holds something, in the order of their keys."""
    holding = select(Reservation.budget_id).where(Reservation.task_id == task_id)
    query = select(Budget).where(Budget.id.in_(holding)).order_by(Budget.id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).all()
