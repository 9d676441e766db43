"""Asks the platform's own mapper whether CostRecord can be imported, stored in the migrated table, and followed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import TypeAdapter

from harness.journal import Journal
from harness.observe import planting, tables
from harness.observe.planting import NONE_PREFERRED, Preferred
from harness.observe.scratch import Scratch

DEADLINE: Final = 60.0
# What is stored through the model: no other row has these, and any column that holds cents keeps them.
COST: Final[Mapping[str, object]] = {
    "provider": "openai",
    "model": "stored-through-the-model",
    "prompt_tokens": 1203,
    "completion_tokens": 407,
    "total_tokens": 1610,
    "prompt_cost": 1.25,
    "completion_cost": 3.75,
    "total_cost": 5.0,
    "recorded_at": "2026-01-18T09:30:00+00:00",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """One column as the model declares it; `type` is the Python type."""

    name: str
    type: str
    nullable: bool
    has_default: bool
    primary_key: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """One relationship that the model declares."""

    name: str
    target: str
    remote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A model whose mappers were configured, first thing in its process."""

    table: str
    columns: tuple[MappedColumn, ...]
    relationships: tuple[Relationship, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A many-to-one relationship that was followed: the key it led to, or what was raised."""

    name: str
    remote: str
    key: str | int | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A cost stored through the model: what was given, what the model read back, what our SQL found."""

    given: Mapping[str, Any]
    read: Mapping[str, Any]
    row: Mapping[str, Any]


class Mapper:
    """The instrument of REQ-BILL-002's model, on the worker of a migrated database."""

    def __init__(self, journal: Journal, place: Scratch, *, preferred: Preferred = NONE_PREFERRED) -> None:
        self._journal = journal
        self._place = place
        self._preferred = preferred

    def configured(self) -> Mapped:
        """Import the model and configure every mapper; raises PlatformMisbehaved when either fails."""
        mapped = self._place.ask("orm.configure", TypeAdapter(Mapped), deadline=DEADLINE)
        self._journal.note(
            "mapper",
            "CostRecord is mapped",
            expected="cost_records",
            observed=mapped.table,
            examined=len(mapped.columns),
        )
        return mapped

    def stored(self) -> Stored:
        """Store a cost through the model in the migrated table and look at it from both sides."""
        given = {**COST, **self._owners()}
        shape = TypeAdapter(dict[str, Any])
        read = self._place.ask("orm.insert_and_read", shape, deadline=DEADLINE, values=given)
        row = _row(self._place, read["id"])
        self._journal.note(
            "mapper",
            "a cost stored through the model is in the migrated table",
            expected=_line(given),
            observed=_line({name: row.get(name) for name in given}),
            examined=len(row),
        )
        return Stored(given=given, read=read, row=row)

    def relationships(self, stored: Stored) -> tuple[Loaded, ...]:
        """Follow every declared many-to-one relationship of a stored cost; none declared examines nothing."""
        shape = TypeAdapter(tuple[Loaded, ...])
        followed = self._place.ask("orm.load_relationships", shape, deadline=DEADLINE, key=stored.read["id"])
        loaded = tuple(replace(each, error=each.error and self._place.worker.redact(each.error)) for each in followed)
        observed = tuple(f"{each.name} → {each.remote} {each.error or each.key}" for each in loaded)
        self._journal.note("mapper", "declared relationships load", observed=observed, examined=len(loaded))
        return loaded

    def _owners(self) -> dict[str, object]:
        connection = self._place.connection
        table = tables.read(connection, "cost_records")
        if table is None:
            return {}
        parents = planting.parents(connection, table, preferred=self._preferred)
        return {name: key if isinstance(key, int) else str(key) for name, key in parents.items()}


def _row(place: Scratch, key: object) -> Mapping[str, Any]:
    cursor = place.connection.execute("SELECT to_jsonb(c) FROM cost_records c WHERE id::text = %s", [str(key)])
    found = cursor.fetchone()
    return found[0] if found else {}


def _line(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(values.items()))
