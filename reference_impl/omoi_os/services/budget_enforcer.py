"""Budgets: limits, what was spent under them, and the alerts on the way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.base import utc_now
from omoi_os.models.budget import Budget, BudgetScope
from omoi_os.models.task import Task
from omoi_os.services import limits, outbox, reservations, scopes
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import NothingThere, ValueRefused
from omoi_os.services.event_bus import Event, EventBusService
from omoi_os.services.scopes import Spender


class BudgetCheck(TypedDict):
    """How a scope stands against its tightest budget; zeros where it has none."""

    exists: bool
    limit: float
    spent: float
    remaining: float
    utilization_percent: float
    exceeded: bool
    alert_threshold: float | None
    alert_triggered: bool | None


NO_BUDGET = BudgetCheck(
    exists=False, limit=0.0, spent=0.0, remaining=0.0, utilization_percent=0.0,
    exceeded=False, alert_threshold=None, alert_triggered=None,
)  # fmt: skip


class BudgetChange(TypedDict, total=False):
    """What is to be changed of a budget; what is left out stays, and a period without an end runs for good."""

    limit_amount: float
    alert_threshold: float
    period_end: datetime | None


class BudgetEnforcerService:
    """Keeps budgets; amounts are US dollars, and every comparison is exact."""

    def __init__(self, db: DatabaseService, event_bus: EventBusService | None = None) -> None:
        self.db = db
        self.event_bus = event_bus

    def create_budget(
        self,
        scope_type: str,
        limit_amount: float | Decimal,
        scope_id: str | None = None,
        period_end: datetime | None = None,
        alert_threshold: float | Decimal = 0.8,
        *,
        session: Session | None = None,
    ) -> Budget:
        """Store a limit for a scope, with nothing spent yet; raises a Refusal for impossible values."""
        scope = scopes.budget_scope(scope_type, scope_id)
        budget = Budget(
            scope_type=scope,
            scope_id=None if scope is BudgetScope.GLOBAL else scope_id,
            limit_amount=exact(limit_amount),
            spent_amount=Decimal(0),
            period_end=period_end,
            alert_threshold=_share(alert_threshold),
        )
        with self.db.joined(session) as joined:
            joined.add(budget)
            joined.flush()
            joined.refresh(budget)
        return budget

    def check_budget(
        self, scope_type: str, scope_id: str | None = None, *, session: Session | None = None
    ) -> BudgetCheck:
        """Tell how a scope stands against the budget that leaves it least."""
        scopes.budget_scope(scope_type, scope_id)
        with self.db.joined(session) as joined:
            budgets = limits.active(joined, limits.of_scope(scope_type, scope_id))
        if not budgets:
            return NO_BUDGET
        return _standing(min(budgets, key=lambda budget: budget.limit_amount - budget.spent_amount))

    def is_budget_available(
        self,
        scope_type: str,
        scope_id: str | None = None,
        amount: float | Decimal = 0,
        *,
        session: Session | None = None,
    ) -> bool:
        """Tell whether every budget of a scope could bear an amount; without a budget all is borne."""
        needed = exact(amount)
        with self.db.joined(session) as joined:
            budgets = limits.active(joined, limits.of_scope(scope_type, scope_id))
        room = limits.tightest(budgets)
        return room is None or needed <= room.left

    def update_budget_spent(
        self,
        scope_type: str,
        amount: float | Decimal,
        scope_id: str | None = None,
        *,
        session: Session | None = None,
    ) -> Sequence[Budget]:
        """Add an amount to every active budget of a scope; returns them as they stand then."""
        with self.db.joined(session) as joined:
            budgets = limits.spend_of(joined, exact(amount), limits.of_scope(scope_type, scope_id))
            _tell_of_lines(joined, budgets, exact(amount))
        return budgets

    def change_budget(self, budget_id: int, change: BudgetChange, *, session: Session) -> Budget:
        """Change a budget and tell of each line that it thereby crosses; raises NothingThere or ValueRefused."""
        budget = _locked(session, budget_id)
        before = (budget.alert_triggered, budget.exceeded)
        if "limit_amount" in change:
            budget.limit_amount = exact(change["limit_amount"])
        if "alert_threshold" in change:
            budget.alert_threshold = _share(change["alert_threshold"])
        if "period_end" in change:
            budget.period_end = change["period_end"]
        budget.updated_at = utc_now()
        _announce(session, budget, before)
        session.flush()
        return budget

    def delete_budget(self, budget_id: int, *, session: Session) -> None:
        """Delete a budget with whatever is reserved of it; raises NothingThere."""
        session.delete(_locked(session, budget_id))
        session.flush()

    def reserve(self, session: Session, task: Task, *, agent: Agent, needed: Decimal) -> None:
        """Hold back what a task will need in every active budget that covers it when this agent runs it.

        Raises BudgetExceeded naming the tightest budget when one cannot bear it; then nothing was changed. The task's
        row is locked by the caller, and whoever reserves for several tasks in one transaction locks first.
        """
        spender = scopes.spender_of_task(session, task.id, agent.id)
        budgets = limits.covering(session, spender, lock=True)
        room = limits.tightest(budgets)
        if room is not None and room.left < needed:
            raise room.refusal(needed)
        reservations.hold(session, task.id, budgets, amount=needed)

    def release(self, session: Session, task_id: str) -> None:
        """Give back what a task holds in any budget; nothing happens when it holds nothing."""
        reservations.release(session, task_id)

    def refuse_if_exhausted(self, session: Session, spender: Spender, task_id: str | None = None) -> None:
        """Raise BudgetExceeded when spent and what others reserved reach the limit of a budget that covers this.

        A task that is named does not stand in its own way.
        """
        # Budgets first: whatever is spent between the two readings then counts twice rather than not at all.
        budgets = limits.covering(session, spender)
        room = limits.tightest(budgets, reservations.held(session, task_id))
        if room is not None and room.left <= 0:
            raise room.refusal(Decimal(0))

    def lock(self, session: Session, spenders: Iterable[Spender]) -> None:
        """Lock all budgets over several spenders at once, so that reserving one by one cannot end in a deadlock."""
        limits.covering(session, *spenders, lock=True)

    def charge(
        self, spender: Spender, amount: Decimal, *, session: Session, task_id: str | None = None
    ) -> Sequence[Budget]:
        """Add a cost to every active budget that covers it, out of what its task holds there as far as that goes."""
        budgets = limits.spend(session, amount, spender=spender)
        if task_id is not None:
            reservations.use(session, task_id, budgets, amount=amount)
        _tell_of_lines(session, budgets, amount)
        return budgets


def _tell_of_lines(session: Session, budgets: Sequence[Budget], amount: Decimal) -> None:
    """Tell of each line that these budgets crossed when the amount was spent."""
    for budget in budgets:
        before = budget.spent_amount - amount
        _announce(session, budget, (budget.warns_at(before), budget.is_exceeded_at(before)))


def _announce(session: Session, budget: Budget, before: tuple[bool, bool]) -> None:
    """Tell of each line that a budget crossed, once that is committed."""
    lines = ("budget.warning", "budget.exceeded")
    for name, was, now in zip(lines, before, (budget.alert_triggered, budget.exceeded), strict=True):
        if now and not was:
            outbox.put(session, _alert(name, budget), project_id=scopes.project_of(session, budget))


def exact(amount: float | Decimal) -> Decimal:
    """Return an amount by the digits it is written with; raises ValueRefused unless finite and not negative."""
    value = Decimal(str(amount))
    if not value.is_finite() or value < 0:
        raise ValueRefused(f"An amount must be finite and not negative, not {amount}.")
    return value


def _share(threshold: float | Decimal) -> Decimal:
    """Return a threshold between 0 and 1."""
    share = exact(threshold)
    if share > 1:
        raise ValueRefused(f"An alert threshold must lie between 0 and 1, not {threshold}.")
    return share


def _locked(session: Session, budget_id: int) -> Budget:
    """Read a budget anew and lock it until the transaction ends."""
    budget = session.get(Budget, budget_id, with_for_update=True, populate_existing=True)
    if budget is None:
        raise NothingThere("There is no such budget any more.")
    return budget


def _standing(budget: Budget) -> BudgetCheck:
    """Describe a budget as it stands."""
    return BudgetCheck(
        exists=True,
        limit=float(budget.limit_amount),
        spent=float(budget.spent_amount),
        remaining=float(budget.remaining_amount),
        utilization_percent=budget.utilization_percent,
        exceeded=budget.exceeded,
        alert_threshold=float(budget.alert_threshold),
        alert_triggered=budget.alert_triggered,
    )


def _alert(name: str, budget: Budget) -> Event:
    """Describe a crossed line."""
    payload = {
        "scope_type": budget.scope_type,
        "scope_id": budget.scope_id,
        "limit_amount": float(budget.limit_amount),
        "spent_amount": float(budget.spent_amount),
        "utilization_percent": budget.utilization_percent,
    }
    return Event(event_type=name, entity_type="budget", entity_id=str(budget.id), payload=payload)
