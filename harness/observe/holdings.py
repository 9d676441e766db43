"""Reads what the database holds of limits and costs, before and after somebody tried to change it."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg.rows import dict_row

from harness.errors import CannotTell
from harness.redaction import first_line
from harness.services.databases import connect

# What only an owner may change of a budget; what is spent and reserved changes with every call.
_GUARDED: Final = ("scope_type", "scope_id", "limit_amount", "alert_threshold", "period_end")
_SPENT: Final = "spent_amount"
_BUDGETS: Final = "SELECT * FROM budgets"
# Most of the time nothing is another, which the database tells sooner than its rows do.
_DIGEST: Final = "SELECT md5(string_agg(one::text, ' ' ORDER BY one.id)) AS digest FROM budgets AS one"
_COSTS: Final = "SELECT count(*) AS records, sum(total_tokens) AS tokens, sum(total_cost) AS cost FROM cost_records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing of a budget that was otherwise before; what was not there is None."""

    budget: str
    column: str
    was: str | None
    now: str | None

    def came_to(self, amount: object) -> bool:
        """Whether it now is this number."""
        try:
            return self.now is not None and math.isclose(float(self.now), float(str(amount)), rel_tol=1e-9)
        except ValueError:
            return False

    def __str__(self) -> str:
        """One line for a report."""
        return f"budget {self.budget}: {self.column} was {self.was or 'not there'}, is {self.now or 'gone'}"


Budgets = Mapping[str, Mapping[str, Any]]


class Holdings:
    """Our own look at the budgets and costs of a platform's database, which remembers the last. Use it in a `with`."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url)
        self._digest = self._read_digest()
        self._budgets = self._all_budgets()
        self._costs = self._all_costs()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def changes(self) -> tuple[Change, ...]:
        """What became of limits since the last look; money that is spent is no change, money that is unspent is one."""
        before, self._digest = self._digest, self._read_digest()
        if self._digest == before:
            return ()
        was, self._budgets = self._budgets, self._all_budgets()
        keys = (*was, *(key for key in self._budgets if key not in was))
        return tuple(change for key in keys for change in _of(key, was, self._budgets))

    def costs_changed(self) -> bool:
        """Whether other costs are stored than at the last look."""
        was, self._costs = self._costs, self._all_costs()
        return was != self._costs

    def _read_digest(self) -> str | None:
        return self._rows(_DIGEST)[0]["digest"]

    def _all_budgets(self) -> Budgets:
        return {str(row["id"]): row for row in self._rows(_BUDGETS)}

    def _all_costs(self) -> str:
        """How many costs there are and what they come to, as one text that changes with any of them."""
        return json.dumps(self._rows(_COSTS)[0], default=str)

    def _rows(self, query: str) -> list[dict[str, Any]]:
        try:
            with self._connection.cursor(row_factory=dict_row) as cursor:
                return cursor.execute(query.encode()).fetchall()
        except psycopg.Error as error:
            raise CannotTell(
                "our own connection to the database could not look", causes=(first_line(error),)
            ) from error


def _of(key: str, was: Budgets, now: Budgets) -> Iterator[Change]:
    before, after = was.get(key), now.get(key)
    if before is None or after is None:
        yield Change(budget=key, column="limit_amount", was=_limit(before), now=_limit(after))
        return
    for name in _GUARDED:
        if str(before.get(name)) != str(after.get(name)):
            yield Change(budget=key, column=name, was=str(before.get(name)), now=str(after.get(name)))
    if (after.get(_SPENT) or 0) < (before.get(_SPENT) or 0):
        yield Change(budget=key, column=_SPENT, was=str(before[_SPENT]), now=str(after[_SPENT]))


def _limit(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else str(row.get("limit_amount"))
