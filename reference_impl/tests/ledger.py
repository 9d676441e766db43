"""One task and the money around it, by way of the services and a transaction for each step."""

from decimal import Decimal

from sqlalchemy import select

from omoi_os.models.budget import Budget
from omoi_os.models.outbox import OutboxEvent
from omoi_os.models.task import Task
from omoi_os.services import scopes
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.database import DatabaseService
from rows import plant_agent, plant_task

ONE = Decimal(1)


class Ledger:
    """One task, its agent, and the budgets that are set around them."""

    def __init__(self, db: DatabaseService) -> None:
        self.db = db
        self.budgets = BudgetEnforcerService(db)
        with db.get_session() as session:
            self.task = plant_task(session)
            self.agent = plant_agent(session, self.task)
            self.spender = scopes.spender_of_task(session, self.task.id, self.agent.id)

    def limit(self, amount: str, *, scope: str = "spec") -> int:
        """Set a budget on something that the task is part of."""
        keys = {kind.value: key for kind, key in self.spender.keys.items()}
        return self.budgets.create_budget(scope, Decimal(amount), keys.get(scope)).id

    def another_task(self) -> Task:
        """Give the same spec another task."""
        with self.db.get_session() as session:
            task = Task(ticket_id=self.task.ticket_id, spec_id=self.task.spec_id, title="Next", phase="design")
            session.add(task)
        return task

    def reserve(self, needed: str, *, task: Task | None = None) -> None:
        """Reserve for a task in a transaction of its own."""
        with self.db.get_session() as session:
            self.budgets.reserve(session, task or self.task, agent=self.agent, needed=Decimal(needed))

    def charge(self, amount: str) -> None:
        """Charge what the task spent in a transaction of its own."""
        with self.db.get_session() as session:
            self.budgets.charge(self.spender, Decimal(amount), session=session, task_id=self.task.id)

    def release(self) -> None:
        """Release what the task holds in a transaction of its own."""
        with self.db.get_session() as session:
            self.budgets.release(session, self.task.id)

    def check(self, task_id: str | None = None) -> None:
        """Ask whether anything may be spent."""
        with self.db.get_session() as session:
            self.budgets.refuse_if_exhausted(session, self.spender, task_id)

    def stand(self, key: int) -> tuple[Decimal, Decimal]:
        """Read what is spent and reserved of a budget."""
        with self.db.get_session() as session:
            budget = session.get_one(Budget, key)
            return budget.spent_amount, budget.reserved_amount

    def told(self) -> list[str]:
        """Read which alerts were stored, in order."""
        with self.db.get_session() as session:
            return list(session.scalars(select(OutboxEvent.event_type).order_by(OutboxEvent.id)))
