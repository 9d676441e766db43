"""Budgets that many charge and reserve at once, through two services on one database."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from ledger import ONE, Ledger
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import BudgetExceeded


@pytest.fixture
def ledger(db: DatabaseService) -> Ledger:
    """A task without budgets."""
    return Ledger(db)


@pytest.fixture
def instances(db: DatabaseService, emptied_database: str) -> Generator[list[DatabaseService]]:
    """Two services on one database, as two processes would have them."""
    other = DatabaseService(emptied_database)
    yield [db, other]
    other.close()


def test_costs_from_everywhere_add_up_exactly(ledger: Ledger, instances: list[DatabaseService]) -> None:
    """Two instances charge two budgets from eight threads at once; nothing is lost and each line is told of once."""
    keys = [ledger.limit("0.5"), ledger.limit("10", scope="project")]

    def charge(number: int) -> None:
        db = instances[number % 2]
        with db.get_session() as session:
            BudgetEnforcerService(db).charge(ledger.spender, Decimal("0.01"), session=session, task_id=ledger.task.id)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(charge, range(100)))
    assert [ledger.stand(key) for key in keys] == [(1, 0), (1, 0)]
    assert sorted(ledger.told()) == ["budget.exceeded", "budget.warning"]


def test_of_many_reservations_at_once_as_many_pass_as_fit(ledger: Ledger, instances: list[DatabaseService]) -> None:
    """Through two instances, with costs and releases going on, eight tasks want what is left for three."""
    keys = [ledger.limit("4"), ledger.limit("100", scope="project"), ledger.limit("100", scope="global")]
    ledger.reserve("1")
    tasks = [ledger.another_task() for _ in range(8)]

    def reserve(number: int) -> bool:
        db = instances[number % 2]
        try:
            with db.get_session() as session:
                BudgetEnforcerService(db).reserve(session, tasks[number], agent=ledger.agent, needed=ONE)
        except BudgetExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        passed = threads.map(reserve, range(8))
        ledger.charge("1")
    assert sum(passed) == 3
    assert [ledger.stand(key) for key in keys] == [(1, 3)] * 3


def test_transactions_that_lock_many_budgets_do_not_block_each_other(
    ledger: Ledger, instances: list[DatabaseService]
) -> None:
    """Whoever reserves for several tasks locks first; then no order of tasks ends in a deadlock."""
    first, second = ledger, Ledger(ledger.db)
    first.limit("100", scope="project")
    second.limit("100", scope="project")
    plans = [[first, second], [second, first]]

    def reserve(number: int) -> None:
        db, plan = instances[number % 2], plans[number % 2]
        budgets = BudgetEnforcerService(db)
        with db.get_session() as session:
            budgets.lock(session, [one.spender for one in plan])
            for one, task in zip(plan, tasks[number], strict=True):
                budgets.reserve(session, task, agent=one.agent, needed=ONE)

    tasks = [[one.another_task() for one in plans[number % 2]] for number in range(12)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(reserve, range(12)))
