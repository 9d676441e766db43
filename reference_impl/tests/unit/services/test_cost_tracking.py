"""What calls cost, and that it is kept."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from omoi_os.config import pricing
from omoi_os.config.pricing import PricingRefused
from omoi_os.models.budget import Budget
from omoi_os.models.cost_record import CostRecord
from omoi_os.models.outbox import OutboxEvent
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services.cost_tracking import CostTrackingService
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import NothingThere, RequestMakesNoSense, ValueRefused
from rows import plant_agent, plant_task


@pytest.fixture
def costs(db: DatabaseService) -> CostTrackingService:
    """The service under test, at the shipped prices."""
    return CostTrackingService(db)


@pytest.fixture
def task(db: DatabaseService) -> Task:
    """A task to spend on."""
    with db.get_session() as session:
        return plant_task(session)


def stored(db: DatabaseService) -> int:
    """Count the records."""
    with db.get_session() as session:
        return session.scalar(select(func.count()).select_from(CostRecord)) or 0


def told(db: DatabaseService) -> Sequence[OutboxEvent]:
    """Return the events that wait in the outbox, in their order."""
    with db.get_session() as session:
        return session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()


def test_cost_calculation() -> None:
    """Every listed model is priced by its own prices, to the last digit."""
    costs = CostTrackingService(DatabaseService("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    written = yaml.load(pricing.SHIPPED.read_text(), yaml.BaseLoader)  # noqa: S506 - it builds nothing but text
    examined = 0
    for provider, models in written["providers"].items():
        for model, price in models.items():
            cost = costs.calculate_cost(provider, model, 1234, 567)
            assert cost["prompt_cost"] == 1234 * Decimal(price["prompt_token_cost"])
            assert cost["completion_cost"] == 567 * Decimal(price["completion_token_cost"])
            assert cost["total_cost"] == cost["prompt_cost"] + cost["completion_cost"]
            examined += 1
    assert examined >= 6


@pytest.mark.parametrize(
    ("provider", "model"), [("nobody", "gpt-4o"), ("openai", "gpt-unheard-of"), ("OpenAI", "gpt-4o")]
)
def test_what_is_not_listed_costs_the_default(provider: str, model: str) -> None:
    """An unknown provider or model is priced by the defaults."""
    costs = CostTrackingService(DatabaseService("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    assert costs.calculate_cost(provider, model, 1000, 100)["total_cost"] == Decimal("0.007")


def test_a_price_of_zero_is_a_price() -> None:
    """Embedding tokens cost nothing on completion, and not the default."""
    costs = CostTrackingService(DatabaseService("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    cost = costs.calculate_cost("openai", "text-embedding-3-small", 1000, 1000)
    assert (cost["prompt_cost"], cost["completion_cost"]) == (Decimal("0.00002"), Decimal(0))


def test_cost_record_creation(db: DatabaseService, costs: CostTrackingService, task: Task) -> None:
    """A recorded cost is stored with all it was told, loads its task and agent, and is announced."""
    with db.get_session() as session:
        agent = plant_agent(session, task)
    record = costs.record_llm_cost(task.id, "openai", "gpt-4o", 1000, 200, agent.id)
    with db.get_session() as session:
        read = session.get_one(CostRecord, record.id)
        assert (read.provider, read.model, read.total_tokens) == ("openai", "gpt-4o", 1200)
        assert (read.prompt_cost, read.completion_cost, read.total_cost) == (0.0025, 0.002, 0.0045)
        assert read.task is not None
        assert read.agent is not None
        assert (read.task.id, read.agent.id) == (task.id, agent.id)
    (event,) = told(db)
    assert (event.event_type, event.entity_id) == ("cost.recorded", str(record.id))
    expected = {"task_id": task.id, "agent_id": agent.id, "provider": "openai", "model": "gpt-4o", "total_cost": 0.0045}
    assert expected.items() <= event.payload.items()


def test_a_record_keeps_the_names_it_was_given(db: DatabaseService, costs: CostTrackingService, task: Task) -> None:
    """A cost at the default price still says which provider and model it was."""
    record = costs.record_llm_cost(task.id, "nobody", "unheard-of", 10, 1)
    with db.get_session() as session:
        read = session.get_one(CostRecord, record.id)
        assert (read.provider, read.model, read.agent_id) == ("nobody", "unheard-of", None)


def test_cost_summary_aggregation(db: DatabaseService, costs: CostTrackingService, task: Task) -> None:
    """Every scope sums exactly its own costs, by provider and model."""
    with db.get_session() as session:
        other = plant_task(session, phase="requirements")
        agent = plant_agent(session, task)
        project = session.get_one(Ticket, task.ticket_id).project_id
    for _ in range(3):
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 1000, 200, agent.id)
    costs.record_llm_cost(task.id, "anthropic", "claude-haiku-4.5", 1000, 0)
    costs.record_llm_cost(other.id, "openai", "gpt-4o", 1000, 200)
    own = {"project": project, "spec": task.spec_id, "ticket": task.ticket_id, "task": task.id, "phase": "design"}
    for scope, key in own.items():
        summary = costs.get_cost_summary(scope, key)
        assert summary["total_cost"] == pytest.approx(0.0145, abs=1e-12), scope
        assert (summary["record_count"], summary["total_tokens"]) == (4, 4600), scope
        assert [(row["model"], row["records"]) for row in summary["breakdown"]] == [
            ("claude-haiku-4.5", 1),
            ("gpt-4o", 3),
        ]
    assert costs.get_cost_summary("agent", agent.id)["record_count"] == 3
    assert costs.get_cost_summary("global")["record_count"] == 5


def test_a_scope_without_costs_sums_to_zero(costs: CostTrackingService) -> None:
    """Nothing spent is zero and no error."""
    summary = costs.get_cost_summary("project", "none")
    assert (summary["total_cost"], summary["record_count"], summary["breakdown"]) == (0, 0, [])


@pytest.mark.parametrize(("scope", "key"), [("galaxy", "x"), ("task", None), ("global", "x")])
def test_a_scope_that_makes_no_sense_is_refused(costs: CostTrackingService, scope: str, key: str | None) -> None:
    """Unknown scopes and missing keys are refused."""
    with pytest.raises(RequestMakesNoSense):
        costs.get_cost_summary(scope, key)


def test_forecast_takes_its_assumptions_from_the_pricing_file(costs: CostTrackingService) -> None:
    """So many tasks cost n times the average tokens, half and half, times the buffer."""
    forecast = costs.forecast_costs(3)
    assert forecast["estimated_cost"] == 3 * 2500 * Decimal("0.000018") * Decimal("1.2")
    assert (forecast["estimated_tokens"], forecast["avg_tokens_per_task"]) == (15000, 5000)
    assert costs.forecast_costs(1, 11)["estimated_cost"] == Decimal("5.5") * Decimal("0.000018") * Decimal("1.2")


def test_an_unknown_task_leaves_nothing_behind(db: DatabaseService, costs: CostTrackingService) -> None:
    """A refused cost has neither row nor event."""
    with pytest.raises(NothingThere):
        costs.record_llm_cost("no-such-task", "openai", "gpt-4o", 1, 1)
    assert (stored(db), told(db)) == (0, [])


def test_an_unknown_agent_leaves_nothing_behind(db: DatabaseService, costs: CostTrackingService, task: Task) -> None:
    """An agent that the project of the task does not have costs it nothing."""
    with pytest.raises(NothingThere):
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 1, 1, "no-such-agent")
    assert (stored(db), told(db)) == (0, [])


@pytest.mark.parametrize(("prompt", "completion"), [(-1, 1), (1, -1), (2**31 - 1, 1)])
def test_impossible_counts_are_refused(costs: CostTrackingService, prompt: int, completion: int) -> None:
    """Counts are not negative and their total fits the schema."""
    with pytest.raises(ValueRefused):
        costs.calculate_cost("openai", "gpt-4o", prompt, completion)


def test_an_event_waits_for_the_callers_commit(db: DatabaseService, costs: CostTrackingService, task: Task) -> None:
    """Within somebody else's transaction nothing is announced before it is stored, and nothing undone ever."""
    with db.get_session() as session:
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 1, 1, session=session)
        undone = session.begin_nested()
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 2, 2, session=session)
        undone.rollback()
        with session.begin_nested():
            costs.record_llm_cost(task.id, "openai", "gpt-4o", 3, 3, session=session)
        assert told(db) == []
    assert [event.payload["prompt_tokens"] for event in told(db)] == [1, 3]
    with db.get_session() as session:
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 4, 4, session=session)
        session.rollback()
    assert (stored(db), len(told(db))) == (2, 2)


def test_budgets_are_charged_exactly_and_tell_of_each_line_once(
    db: DatabaseService, costs: CostTrackingService, task: Task
) -> None:
    """Ten times 0.0045 is 0.045, which is the limit: one warning and one exceeded."""
    with db.get_session() as session:
        session.add(Budget(scope_type="spec", scope_id=task.spec_id, limit_amount=Decimal("0.045")))
        session.add(Budget(scope_type="phase", scope_id="requirements", limit_amount=Decimal("0.045")))
    for _ in range(10):
        costs.record_llm_cost(task.id, "openai", "gpt-4o", 1000, 200)
    with db.get_session() as session:
        spent = session.scalars(select(Budget.spent_amount).order_by(Budget.id)).all()
    assert spent == [Decimal("0.045"), Decimal(0)]
    alerts = [event.event_type for event in told(db) if event.event_type != "cost.recorded"]
    assert alerts == ["budget.warning", "budget.exceeded"]


def test_a_pricing_file_that_is_not_there_stops_the_service(tmp_path: Path) -> None:
    """A missing file is named and never means that calls are free."""
    with pytest.raises(PricingRefused, match=r"nowhere\.yaml"):
        CostTrackingService(DatabaseService("postgresql+psycopg://x@127.0.0.1:1/x"), None, tmp_path / "nowhere.yaml")
