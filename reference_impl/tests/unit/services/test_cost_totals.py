"""Totals that the database keeps: they are the sums of the records, whoever writes those and in whatever way."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text

from omoi_os.models.task import Task
from omoi_os.services.cost_tracking import CostTrackingService
from omoi_os.services.database import DatabaseService
from rows import plant_agent, plant_task

COLUMNS = (
    "task_id, agent_id, provider, model, prompt_tokens, completion_tokens, total_tokens, prompt_cost, completion_cost,"
    " total_cost, recorded_at"
)
MOVED = (
    "UPDATE cost_records SET task_id = CASE task_id WHEN :first THEN :second WHEN :second THEN :third ELSE :first END"
    " WHERE prompt_tokens = :mark"
)
KEPT = (
    "SELECT task_id, agent_id, provider, model, record_count, total_tokens, total_cost FROM cost_totals"
    " WHERE record_count <> 0 OR total_tokens <> 0 OR total_cost <> 0 ORDER BY 1, 2, 3, 4"
)
SUMMED = (
    "SELECT task_id, agent_id, provider, model, count(*), sum(total_tokens), sum(total_cost::numeric)"
    " FROM cost_records GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
)

Write = Callable[[Connection], object]


@pytest.fixture
def tasks(db: DatabaseService) -> list[Task]:
    """Three tasks."""
    with db.get_session() as session:
        return [plant_task(session) for _ in range(3)]


def test_totals_follow_every_way_of_writing(db: DatabaseService, tasks: list[Task]) -> None:
    """After SQL of every kind, of many rows at once, moved, let go, taken back and copied in, totals are the sums."""
    with db.get_session() as session:
        agent = plant_agent(session, tasks[0])
    _do(db, lambda connection: _insert(connection, tasks, (None, agent.id), 60))
    for statement in (
        "UPDATE cost_records SET total_cost = total_cost / 3, total_tokens = total_tokens + 1 WHERE id % 2 = 0",
        "UPDATE cost_records SET task_id = :one, model = 'gpt-4.1' WHERE task_id = :other",
        "UPDATE cost_records SET agent_id = NULL, task_id = NULL WHERE id % 5 = 0",
        "UPDATE cost_records SET recorded_at = now()",
        "DELETE FROM cost_records WHERE id % 3 = 0",
        "DELETE FROM cost_records WHERE false",
        "DELETE FROM cost_records WHERE agent_id IS NOT NULL",
    ):
        _do(db, _statement(statement, one=tasks[0].id, other=tasks[1].id))
        assert _compared(db), statement
    _do(db, lambda connection: _copy(connection, tasks[2].id))
    with pytest.raises(ZeroDivisionError):
        _do(db, lambda connection: _insert(connection, tasks, (agent.id,), 5) or 1 / 0)
    assert len(_compared(db)) > 3
    _do(db, _statement("TRUNCATE cost_records CASCADE"))
    assert _compared(db) == []


def test_what_was_taken_out_leaves_no_trace(db: DatabaseService, tasks: list[Task]) -> None:
    """Records of very unequal amounts come and go, and the sums are those of before, to the last digit."""
    costs = CostTrackingService(db)
    before = costs.record_llm_cost(tasks[0].id, "openai", "gpt-4o", 1, 0).total_cost
    for amount in (1e15 + 0.3, 0.1 + 0.2, 1e-12):
        _do(db, lambda connection, amount=amount: _insert(connection, tasks[:1], (None,), 1, amount=amount))
    _do(db, _statement("DELETE FROM cost_records WHERE prompt_cost = 0"))
    summary = costs.get_cost_summary("task", tasks[0].id)
    assert (summary["total_cost"], summary["record_count"]) == (before, 1)


def test_a_scope_whose_costs_are_gone_shows_no_models(db: DatabaseService, tasks: list[Task]) -> None:
    """Nothing of a record is left in the breakdown once it is deleted."""
    costs = CostTrackingService(db)
    costs.record_llm_cost(tasks[0].id, "openai", "gpt-4o", 1, 0)
    _do(db, _statement("DELETE FROM cost_records"))
    summary = costs.get_cost_summary("global")
    assert (summary["total_cost"], summary["record_count"], summary["breakdown"]) == (0, 0, [])


def test_two_instances_that_write_the_same_totals_lose_nothing(
    db: DatabaseService, emptied_database: str, tasks: list[Task]
) -> None:
    """Eight threads insert, move and delete costs of the same tasks, in statements of many rows in any order."""
    other = DatabaseService(emptied_database)
    instances = [db, other]

    def write(number: int) -> None:
        """Write as one of the instances."""
        mixed = Random(number).sample(tasks, 3)  # noqa: S311 - any order will do
        _do(instances[number % 2], lambda connection: _insert(connection, mixed, (None,), 9, mark=number))
        first, second, third = (task.id for task in mixed)
        _do(instances[number % 2], _statement(MOVED, mark=number, first=first, second=second, third=third))
        if number % 2:
            _do(instances[number % 2], _statement("DELETE FROM cost_records WHERE prompt_tokens = :mark", mark=number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(48)))
    other.close()
    assert sum(row[4] for row in _compared(db)) == 24 * 9


def _do(db: DatabaseService, write: Write) -> None:
    """Write in a transaction of its own."""
    with db.engine.begin() as connection:
        write(connection)


def _statement(statement: str, **given: object) -> Write:
    """Return what executes one statement."""
    return lambda connection: connection.execute(text(statement), given)


def _insert(
    connection: Connection, tasks: Sequence[Task], agents: Sequence[str | None], rows: int, **given: float
) -> None:
    """Insert records in one statement, tasks and agents taking turns."""
    values = {"tasks": [task.id for task in tasks], "agents": list(agents), "rows": rows}
    statement = (
        f"INSERT INTO cost_records ({COLUMNS})"  # noqa: S608 - names of ours
        " SELECT (CAST(:tasks AS varchar[]))[n % cardinality(CAST(:tasks AS varchar[])) + 1],"
        " (CAST(:agents AS varchar[]))[n % cardinality(CAST(:agents AS varchar[])) + 1],"
        " 'openai', 'gpt-4o', :mark, n, :mark + n, 0, 0, coalesce(CAST(:amount AS float), n / 7.0), now()"
        " FROM generate_series(1, :rows) AS n"
    )
    connection.execute(text(statement), {"mark": 0, "amount": None, **values, **given})


def _copy(connection: Connection, task_id: str) -> None:
    """Copy two records in."""
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY cost_records ({COLUMNS}) FROM STDIN") as copy:
        for model in ("gpt-4o", "gpt-4.1"):
            copy.write_row((task_id, None, "openai", model, 1, 2, 3, 0.1, 0.2, 0.3, "2026-03-29 01:30:00Z"))


def _compared(db: DatabaseService) -> Sequence[Any]:
    """Compare totals with sums, and return them."""
    with db.engine.connect() as connection:
        kept, summed = (connection.execute(text(query)).all() for query in (KEPT, SUMMED))
    assert kept == summed
    return kept
