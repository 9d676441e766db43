"""Tells what the costs of a whole installation add up to, by our own SQL and however a platform may group them."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Final

import psycopg

from harness.errors import CannotTell
from harness.observe import cost_records
from harness.observe.traces import Marks
from harness.redaction import first_line
from harness.services.databases import connect

Row = Mapping[str, Any]
_COSTS: Final = """
SELECT to_jsonb(cost), to_jsonb(task) FROM cost_records AS cost
LEFT JOIN tasks AS task ON task.id::text = cost.task_id::text
"""
_AMOUNTS: Final = tuple(cost_records.amounts(0))
# To so many decimal places platforms round what they show.
_PLACES: Final = (2, 4, 6, 9)


def read(database_url: str) -> Marks:
    """The sums of all stored costs and of every group of them; CannotTell when the database refuses."""
    try:
        with connect(database_url) as connection:
            return of(connection.execute(_COSTS).fetchall())
    except psycopg.Error as error:
        raise CannotTell(f"nobody can tell what the costs add up to: {first_line(error)}") from error


def of(costs: Iterable[tuple[Row, Row | None]]) -> Marks:
    """The sums of costs, each given with its task: of all, and of those with the same value in any column of either."""
    groups: defaultdict[Hashable, list[Row]] = defaultdict(list)
    for cost, task in costs:
        for key in _keys(cost, task or {}):
            groups[key].append(cost)
    totals = (math.fsum(float(one[name]) for one in group) for group in groups.values() for name in _AMOUNTS)
    return Marks.of(numbers=(round(total, places) for total in totals for places in _PLACES), words=())


def _keys(cost: Row, task: Row) -> Iterator[Hashable]:
    """The groups that a cost belongs to; those of one agent alone are those of its organisation."""
    yield ()
    for part, row in (("cost", cost), ("task", task)):
        for name, value in row.items():
            if isinstance(value, str | int):
                yield part, name, value
                yield part, name, value, cost.get("agent_id")
