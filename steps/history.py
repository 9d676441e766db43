"""Steps about costs that outlive schemas, tasks and agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from pytest_bdd import given, parsers, then, when

from fixtures.inputs import Draw
from harness import money
from harness.errors import CannotTell, PlatformMisbehaved
from harness.observe.sql import Sql
from harness.probes.pricing import PriceList
from harness.probes.stored_rows import Amount, Compatibility, StoredRows
from harness.targets.platform import Platform
from harness.targets.terms import Call, Cost
from steps.costs import make_noise, make_owners, refers

AMOUNTS: Final = ("prompt_cost", "completion_cost", "total_cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Recorded costs of a task, one of its agent and one of nobody, each call with the row as it was stored."""

    owners: Mapping[str, str]
    rows: tuple[tuple[Call, Mapping[str, Any]], ...]


@when("a cost record is stored under every revision that has the table, up to the newest one", target_fixture="history")
def _(request: pytest.FixtureRequest) -> StoredRows:
    # Asked for in the step, not as an argument: here a migration that fails on rows is the platform's failure.
    compatibility: Compatibility = request.getfixturevalue("compatibility")
    return compatibility.rows()


@then("the database still holds each record with the amounts it had")
def _(history: StoredRows) -> None:
    assert history.error is None, f"existing rows stop the migrations: {history.error}"
    losses = [loss for row in history.rows for loss in row.losses]
    assert not losses, f"existing costs did not come through the migrations: {'; '.join(losses)}"


@given("a database with a cost record stored under every revision that has the table", target_fixture="history")
def _(measured_history: StoredRows) -> StoredRows:
    return measured_history


@when("the platform is asked for the costs of their tasks", target_fixture="returned")
def _(history: StoredRows, historic_platform: Platform) -> Mapping[str, tuple[Cost, ...]]:
    tasks = {row.task_id for row in history.rows if row.task_id is not None}
    if not tasks:
        raise CannotTell("no stored cost belongs to a task by which the platform could be asked for it")
    for task in tasks:
        historic_platform.adopt_task(task)
    return {task: historic_platform.costs_of_task(task) for task in tasks}


@then("it returns each record with the amounts it had")
def _(history: StoredRows, returned: Mapping[str, tuple[Cost, ...]]) -> None:
    lost = [
        f"{amount.column} {amount.planted} of the row stored under {row.revision}"
        for row in history.rows
        for amount in row.amounts
        if row.task_id is not None and not any(_shows(cost, amount) for cost in returned[row.task_id])
    ]
    assert not lost, f"the platform does not return {'; '.join(lost)}"


@given("recorded costs of a task and its agent with noise around them", target_fixture="spending")
def _(platform: Platform, prices: PriceList, database: Sql, draw: Draw) -> Spending:
    make_noise(platform, prices, draw)
    owners = make_owners(platform, draw)
    calls = tuple(draw.call(*draw.random.choice(prices.listed())) for _ in range(2))
    for call, agent in zip(calls, (owners["agent"], None), strict=True):
        platform.record_cost(call, task_id=owners["task"], agent_id=agent)
    found = tuple((call, find_cost(database, call)) for call in calls)
    rows = tuple((call, row) for call, row in found if row is not None)
    if len(rows) < len(calls) or not refers(rows[0][1], owners):
        raise PlatformMisbehaved("a recorded cost is not stored with its task and agent", operation="record a cost")
    return Spending(owners=owners, rows=rows)


@when(parsers.parse("the {owner} is to be deleted"))
def _(platform: Platform, database: Sql, spending: Spending, owner: str) -> None:
    key = spending.owners[owner]
    offered = platform.delete_task(key) if owner == "task" else platform.delete_agent(key)
    if not offered:
        statement = f"DELETE FROM {owner}s WHERE replace(id::text, '-', '') = replace(%s, '-', '')"  # noqa: S608 - the owner is a word of the feature
        database.attempt(f"the {owner} deleted in the database, since the platform offers no way", statement, (key,))


@then("the database still holds the costs with the amounts they had")
def _(database: Sql, spending: Spending) -> None:
    for call, before in spending.rows:
        row = find_cost(database, call)
        assert row is not None, "the deletion took a cost with it"
        changed = [f"{name} was {before[name]}, is {row[name]}" for name in AMOUNTS if not same(before, row, name)]
        assert not changed, f"the deletion changed a cost: {'; '.join(changed)}"


def find_cost(database: Sql, call: Call) -> Mapping[str, Any] | None:
    """The row of a call's cost by the token counts that no other cost has, so that its task may be gone."""
    rows = database.rows(
        "the cost in the database",
        "SELECT * FROM cost_records WHERE prompt_tokens = %s AND completion_tokens = %s AND model = %s",
        (call.prompt_tokens, call.completion_tokens, call.model),
    )
    return rows[0] if rows else None


def same(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    """Whether a column holds the amount it held before."""
    return before[name] == after[name] or (after[name] is not None and money.equal(before[name] or 0.0, after[name]))


def _shows(cost: Cost, amount: Amount) -> bool:
    shown = getattr(cost, amount.column, None)
    return shown is not None and money.equal(shown, amount.planted)
