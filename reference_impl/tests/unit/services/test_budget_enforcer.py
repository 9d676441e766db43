"""Budgets on a real database: what is reserved, spent, given back and refused, to the last digit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from ledger import ONE, Ledger
from omoi_os.models.agent import Agent
from omoi_os.models.base import utc_now
from omoi_os.models.reservation import Reservation
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import BudgetExceeded, NothingThere, ValueRefused


@pytest.fixture
def ledger(db: DatabaseService) -> Ledger:
    """A task without budgets."""
    return Ledger(db)


def test_what_is_needed_may_equal_what_is_left(ledger: Ledger) -> None:
    """A budget is filled to the last digit, and not a digit further."""
    key = ledger.limit("0.3")
    ledger.charge("0.1")
    with pytest.raises(BudgetExceeded):
        ledger.reserve("0.2000000000000000001")
    assert ledger.stand(key) == (Decimal("0.1"), 0)
    ledger.reserve("0.2")
    assert ledger.stand(key) == (Decimal("0.1"), Decimal("0.2"))


def test_a_limit_of_zero_bears_only_what_is_free(ledger: Ledger) -> None:
    """Zero is a limit, and no limit is none."""
    ledger.reserve("1000")
    ledger.release()
    key = ledger.limit("1")
    with ledger.db.get_session() as session:
        ledger.budgets.change_budget(key, {"limit_amount": 0}, session=session)
    with pytest.raises(BudgetExceeded):
        ledger.reserve("0.000001")
    ledger.reserve("0")


@pytest.mark.parametrize("scope", ["global", "project", "spec", "ticket", "agent", "phase"])
def test_the_tightest_of_all_budgets_decides(ledger: Ledger, scope: str) -> None:
    """Whichever scope it is of, the budget that leaves least refuses, is named, and nothing is held anywhere."""
    scopes_of_all = ("global", "project", "spec", "ticket", "agent", "phase")
    keys = [ledger.limit("0.5" if one == scope else "3", scope=one) for one in scopes_of_all]
    with pytest.raises(BudgetExceeded) as refused:
        ledger.reserve("1")
    assert refused.value.members["scope_type"] == scope
    assert (refused.value.members["limit"], refused.value.members["needed"]) == (0.5, 1)
    assert {ledger.stand(key) for key in keys} == {(0, 0)}


def test_budgets_of_others_do_not_matter(ledger: Ledger, db: DatabaseService) -> None:
    """A budget of another project, spec, ticket, agent or phase neither refuses nor is charged."""
    other = Ledger(db)
    keys = [other.limit("1", scope=scope) for scope in ("project", "spec", "ticket", "agent")]
    keys.append(ledger.budgets.create_budget("phase", 1, "executing").id)
    ledger.reserve("5")
    ledger.charge("5")
    assert {ledger.stand(key) for key in keys} == {(0, 0)}


def test_an_expired_budget_limits_nothing(ledger: Ledger) -> None:
    """After its period a budget neither refuses nor is charged."""
    expired = ledger.budgets.create_budget("spec", 1, ledger.task.spec_id, utc_now() - timedelta(seconds=1))
    running = ledger.budgets.create_budget("spec", 10, ledger.task.spec_id, utc_now() + timedelta(hours=1))
    ledger.reserve("5")
    ledger.charge("3")
    assert (ledger.stand(expired.id), ledger.stand(running.id)) == ((0, 0), (3, 2))


def test_a_cost_is_paid_out_of_what_its_task_holds(ledger: Ledger) -> None:
    """Each cost moves from reserved to spent; beyond what is held it only adds to what is spent."""
    key = ledger.limit("10")
    ledger.reserve("3")
    for spent, reserved in ((1, 2), (2, 1), (3, 0), (4, 0)):
        ledger.charge("1")
        assert ledger.stand(key) == (spent, reserved)
    ledger.release()
    assert ledger.stand(key) == (4, 0)


def test_what_is_released_is_free_at_once(ledger: Ledger) -> None:
    """Settling and releasing leave no reservation behind, and a second release nothing to do."""
    key = ledger.limit("3")
    ledger.reserve("3")
    ledger.charge("1")
    with pytest.raises(BudgetExceeded):
        ledger.reserve("1", task=ledger.another_task())
    ledger.release()
    ledger.release()
    assert ledger.stand(key) == (1, 0)
    ledger.reserve("2", task=ledger.another_task())
    with ledger.db.get_session() as session:
        assert session.scalars(select(Reservation.amount)).all() == [2]


def test_a_call_is_refused_at_the_limit_and_not_before(ledger: Ledger) -> None:
    """What others reserved counts, what the task itself reserved does not."""
    ledger.limit("3")
    ledger.reserve("1")
    ledger.reserve("2", task=ledger.another_task())
    ledger.check(ledger.task.id)
    with pytest.raises(BudgetExceeded) as refused:
        ledger.check()
    assert refused.value.members["reserved"] == 3
    ledger.charge("1")
    with pytest.raises(BudgetExceeded) as refused:
        ledger.check(ledger.task.id)
    assert (refused.value.members["spent"], refused.value.members["reserved"]) == (1, 2)


def test_alerts_come_once_for_each_line_and_budget(ledger: Ledger) -> None:
    """At 80 % and at 100 %, not before and not again; a jump tells of both lines."""
    ledger.limit("1")
    for amount, told in (("0.79999", 0), ("0.00001", 1), ("0.19999", 1), ("0.00001", 2), ("5", 2)):
        ledger.charge(amount)
        assert len(ledger.told()) == told, amount
    ledger.limit("1", scope="project")
    ledger.charge("1")
    assert ledger.told() == ["budget.warning", "budget.exceeded"] * 2


def test_a_changed_limit_tells_of_the_lines_it_crosses(ledger: Ledger) -> None:
    """Lowering a limit below what was spent is an excess like any other, and raising it is none."""
    key = ledger.limit("10")
    ledger.charge("5")
    for limit, told in ((6, ["budget.warning"]), (5, ["budget.exceeded"]), (100, []), (50, [])):
        before = len(ledger.told())
        with ledger.db.get_session() as session:
            ledger.budgets.change_budget(key, {"limit_amount": limit}, session=session)
        assert ledger.told()[before:] == told, limit


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01"])
def test_impossible_amounts_are_refused(ledger: Ledger, amount: str) -> None:
    """No limit, amount or threshold is stored that is not finite and not negative."""
    key = ledger.limit("10")
    with pytest.raises(ValueRefused):
        ledger.budgets.update_budget_spent("spec", Decimal(amount), ledger.task.spec_id)
    for change in ({"limit_amount": float(amount)}, {"alert_threshold": float(amount)}, {"alert_threshold": 1.1}):
        with pytest.raises(ValueRefused), ledger.db.get_session() as session:
            ledger.budgets.change_budget(key, change, session=session)  # pyright: ignore[reportArgumentType] - a mapping of many
    assert ledger.stand(key) == (0, 0)


def test_a_deleted_budget_takes_its_reservations_along(ledger: Ledger) -> None:
    """What was reserved of it is gone, and the task settles in the budgets that remain."""
    doomed, kept = ledger.limit("5"), ledger.limit("5", scope="project")
    ledger.reserve("2")
    with ledger.db.get_session() as session:
        ledger.budgets.delete_budget(doomed, session=session)
    ledger.charge("1")
    ledger.release()
    assert ledger.stand(kept) == (1, 0)
    with pytest.raises(NothingThere), ledger.db.get_session() as session:
        ledger.budgets.delete_budget(doomed, session=session)


def test_a_scope_is_checked_against_all_its_budgets(ledger: Ledger) -> None:
    """Asking tells of the tightest budget; what is reserved is not available."""
    ledger.limit("10")
    ledger.limit("5")
    ledger.reserve("2")
    ledger.budgets.update_budget_spent("spec", Decimal(1), ledger.task.spec_id)
    check = ledger.budgets.check_budget("spec", ledger.task.spec_id)
    assert (check["limit"], check["spent"], check["remaining"], check["exceeded"]) == (5, 1, 4, False)
    assert ledger.budgets.is_budget_available("spec", ledger.task.spec_id, 2)
    assert not ledger.budgets.is_budget_available("spec", ledger.task.spec_id, 2.001)
    assert ledger.budgets.is_budget_available("ticket", ledger.task.ticket_id, 1000)


def test_an_agent_of_another_project_pays_for_nothing(ledger: Ledger, db: DatabaseService) -> None:
    """A task is never assigned to, nor charged to, somebody from outside."""
    stranger: Agent = Ledger(db).agent
    with pytest.raises(NothingThere), db.get_session() as session:
        ledger.budgets.reserve(session, ledger.task, agent=stranger, needed=ONE)
