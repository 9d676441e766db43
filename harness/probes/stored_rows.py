"""Plants a cost under every earlier revision of a platform's schema and looks for it after the last one.

Every row has amounts of its own, sums of quarters, which any column that can hold cents keeps exactly. A row is
found again by a mark in its `model` column, since the type of its key may have changed on the way.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from psycopg import sql
from psycopg.rows import dict_row

from harness import money
from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import cost_records, history, planting, scratch, tables
from harness.observe.cost_records import TABLE
from harness.observe.history import Climb, Revision
from harness.observe.planting import NONE_PREFERRED, Preferred, Values
from harness.observe.scratch import Ground, Scratch
from harness.observe.tables import Table

_REFUSED: Final = re.compile(r'of relation "(?P<table>\w+)" is violated by some row')
_HINT: Final = "name better values for its columns in `planting` of the target's driver"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """One amount of a row: what was planted, and what was found after the last revision; None when gone."""

    column: str
    planted: Decimal
    found: Decimal | None

    @property
    def kept(self) -> bool:
        """Whether both are the same amount of money."""
        return self.found is not None and money.equal(self.found, self.planted)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """One row, the revision under which it was planted, whether it is still there, its task, and its amounts."""

    revision: str
    agent: bool
    found: bool
    task_id: str | None
    amounts: tuple[Amount, ...]

    @property
    def losses(self) -> tuple[str, ...]:
        """What became of it otherwise, one line each; empty when it came through."""
        row = f"the row {'of' if self.agent else 'without'} an agent stored under {self.revision}"
        if not self.found:
            return (f"{row} is gone",)
        return tuple(
            f"{amount.column} of {row} was {amount.planted}, is {_shown(amount.found)}"
            for amount in self.amounts
            if not amount.kept
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRows:
    """All rows planted on the way up, and the name of the database that holds them until the server goes.

    `error` is what the platform raised with rows present, which ended the way.
    """

    database: str
    rows: tuple[StoredRow, ...]
    error: str | None
    seconds: float


class Compatibility:
    """The instrument of CON-COMPAT-001: notes what became of the rows in the journal of the running check."""

    def __init__(self, journal: Journal, measurement: StoredRows) -> None:
        self._journal = journal
        self._measurement = measurement

    def rows(self) -> StoredRows:
        """Every row planted under an earlier revision, as the last one shows it."""
        rows, error = self._measurement.rows, self._measurement.error
        self._journal.note(
            "stored rows",
            "rows stored under earlier revisions keep their amounts",
            expected=(),
            observed=(*(loss for row in rows for loss in row.losses), *((error,) if error else ())),
            examined=len(rows),
            seconds=self._measurement.seconds,
        )
        return self._measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """How to find one planted row again, and the amounts it was stored with."""

    revision: str
    agent: bool
    column: str
    value: str
    amounts: Mapping[str, Decimal]


def measure_stored_rows(
    ground: Ground, *, preferred: Preferred = NONE_PREFERRED, spared: frozenset[str] | None = None
) -> StoredRows:
    """Go up one revision at a time on an own database, planting one cost wherever its table exists.

    The first revision that fails ends the way; where `spared` names those that fail on an empty database as well,
    only another one does, and only when it still fails after all that do not.
    """
    started = time.monotonic()
    marks: list[_Mark] = []
    with scratch.database(ground, "stored rows", keep=True) as place:
        climb = Climb(history.revisions(place))
        for revision in climb:
            error = history.step(place, "up", revision, doing="with rows present, up to")
            climb.went(revision, error)
            if error is None:
                marks.extend(_planted_under(place, revision, preferred, number=len(marks)))
            elif _is_ours(error):
                raise CannotTell(f"rows that we made up for other tables stop the migrations: {error}", hint=_HINT)
            elif spared is None:
                break
        error = next((climb.refused[one.id] for one in climb.stuck if one.id not in (spared or ())), None)
        rows = () if error else tuple(_found(place, mark) for mark in marks)
    return StoredRows(database=place.name, rows=rows, error=error, seconds=time.monotonic() - started)


def _planted_under(place: Scratch, revision: Revision, preferred: Preferred, *, number: int) -> Iterator[_Mark]:
    """Plant costs under a revision that has their table, the first of them of this number."""
    table = tables.read(place.connection, TABLE)
    if table is None:
        return
    owners = planting.parents(place.connection, table, preferred=preferred)
    # A cost of nobody too: what an upgrade does to rows must not hang on their agent.
    nobody = {name: key for name, key in owners.items() if name != "agent_id"}
    for offset, owned in enumerate((owners, nobody)):
        values = {**owned, **_said(table, number=number + offset)}
        complete = planting.completed(place.connection, TABLE, values, preferred=preferred)
        yield _planted(place, table, revision, complete)


def _is_ours(error: str) -> bool:
    """Whether a new CHECK refused a row of another table, which nobody but us would have stored so."""
    refused = _REFUSED.search(error)
    return refused is not None and refused["table"] != TABLE


def _said(table: Table, *, number: int) -> dict[str, object]:
    """What the cost of this number says, as far as the table has places for it."""
    offered = {**cost_records.amounts(number), "provider": "planted", "model": f"row-{number}"}
    return {name: value for name, value in offered.items() if table.column(name)}


def _planted(place: Scratch, table: Table, revision: Revision, values: Values) -> _Mark:
    """Plant one cost, and keep its amounts with the sum of its tokens, which a later schema may want to show."""
    stored = planting.inserted(place.connection, TABLE, values)
    column = "model" if table.column("model") else table.key[0]
    amounts = {name: Decimal(str(stored[name])) for name in cost_records.amounts(0) if name in stored}
    if {"prompt_tokens", "completion_tokens"} <= amounts.keys():
        amounts["total_tokens"] = amounts["prompt_tokens"] + amounts["completion_tokens"]
    agent = stored.get("agent_id") is not None
    return _Mark(revision=revision.id, agent=agent, column=column, value=str(stored[column]), amounts=amounts)


def _found(place: Scratch, mark: _Mark) -> StoredRow:
    row = _row(place, mark)
    amounts = tuple(
        Amount(column=name, planted=planted, found=_decimal(row.get(name)))
        for name, planted in mark.amounts.items()
        if name in row or name != "total_tokens"
    )
    task_id = row.get("task_id")
    return StoredRow(
        revision=mark.revision,
        agent=mark.agent,
        found=bool(row),
        task_id=None if task_id is None else str(task_id),
        amounts=amounts,
    )


def _row(place: Scratch, mark: _Mark) -> Mapping[str, Any]:
    """The row with this mark, empty when it is gone together with whatever could have held it."""
    table = tables.read(place.connection, TABLE)
    if table is None or table.column(mark.column) is None:
        return {}
    query = sql.SQL("SELECT * FROM {} WHERE {}::text = %s").format(sql.Identifier(TABLE), sql.Identifier(mark.column))
    with place.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, [mark.value]).fetchone() or {}


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _shown(amount: Decimal | None) -> str:
    return "gone" if amount is None else str(amount)
