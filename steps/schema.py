"""Steps about the schema: what migrations make, what the model makes of it, and the way back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from harness import money
from harness.errors import LacksCapability
from harness.observe.drift import Drift
from harness.observe.tables import ForeignKey
from harness.probes.mapping import Loaded, Mapped, Mapper, Stored
from harness.probes.migrations import Migrations
from harness.probes.schema import Refusal, Schema


@when("CostRecord is imported first in a fresh interpreter", target_fixture="mapped")
def _(fresh_mapper: Mapper) -> Mapped:
    return fresh_mapper.configured()


@then("its mappers are configured and it is mapped to cost_records")
def _(mapped: Mapped) -> None:
    assert mapped.table == "cost_records", f"CostRecord is mapped to {mapped.table}"


@given("an empty database upgraded to the newest revision", target_fixture="schema")
def _(catalogue: Schema) -> Schema:
    return catalogue


@when("an empty database is upgraded to the newest revision", target_fixture="schema")
def _(request: pytest.FixtureRequest) -> Schema:
    # Asked for in the step, not as an argument: here a migration that fails is the platform's failure.
    return request.getfixturevalue("catalogue")


@then("cost_records has each column of section 5.2 with a compatible type and nullability")
def _(schema: Schema) -> None:
    violations = schema.columns().violations
    assert not violations, "; ".join(violations)


@when("a CostRecord is stored and read back through the platform's own model", target_fixture="stored")
def _(schema: Schema, mapper: Mapper) -> Stored:
    del schema
    return mapper.stored()


@then("the row in cost_records and the record read back equal what was stored")
def _(stored: Stored) -> None:
    for place, seen in (("table", stored.row), ("record read back", stored.read)):
        differing = differences(stored.given, seen)
        assert not differing, f"the {place} differs from what was stored: {', '.join(differing)}"


@when("the schema that the models declare is compared with the migrated one", target_fixture="drift")
def _(schema: Schema) -> Drift:
    return schema.drift()


@then("cost_records does not differ between them")
def _(drift: Drift) -> None:
    assert not drift.violations, f"the model and the migrated table differ: {'; '.join(drift.violations)}"


@when(parsers.parse("the foreign key of {column} is read from the catalogue"), target_fixture="foreign_key")
def _(schema: Schema, column: str) -> ForeignKey | None:
    return schema.foreign_key(column)


@then(parsers.parse("it refers to the id of {table}"))
def _(foreign_key: ForeignKey | None, table: str) -> None:
    assert foreign_key is not None, f"no foreign key leads to {table}, so costs can name what does not exist"
    found = (foreign_key.table, foreign_key.remote)
    assert found == (table, ("id",)), f"the foreign key leads to {found[0]}.{','.join(found[1])}, not to {table}.id"


@when(
    parsers.parse("a cost record of an unknown {owner} is inserted beside one of a known one"), target_fixture="refusal"
)
def _(schema: Schema, owner: str) -> Refusal:
    return schema.refusal(f"{owner}_id")


@then("the foreign key refuses the unknown one and nothing of it is stored")
def _(refusal: Refusal) -> None:
    seen = "took it" if refusal.code is None else f"answered SQLSTATE {refusal.code}"
    assert refusal.by_foreign_key, f"for an unknown {refusal.column} the database {seen}, {refusal.stored} rows stored"


@given("a CostRecord stored through the platform's own model", target_fixture="stored")
def _(mapper: Mapper) -> Stored:
    return mapper.stored()


@when("the relationships that CostRecord declares are loaded for it", target_fixture="loaded")
def _(mapper: Mapper, stored: Stored) -> tuple[Loaded, ...]:
    loaded = mapper.relationships(stored)
    if not loaded:
        raise LacksCapability("CostRecord declares no relationship to what it refers to")
    return loaded


@then("each of them gives the row that the record refers to")
def _(loaded: tuple[Loaded, ...]) -> None:
    broken = [f"{one.name}: {one.error or 'no row'}" for one in loaded if one.error or one.key is None]
    assert not broken, f"relationships that do not load: {'; '.join(broken)}"


@given("migrations that can be started")
def _(started_migrations: None) -> None:
    del started_migrations


@when("every revision is taken up, down and up on an empty database", target_fixture="migrations")
@when("the newest revisions of the history are listed", target_fixture="migrations")
def _(request: pytest.FixtureRequest) -> Migrations:
    return request.getfixturevalue("round_trips")


@then("each of them leaves the schema as it found it")
def _(migrations: Migrations) -> None:
    complaints = [line for trip in migrations.round_trips() for line in trip.complaints]
    assert not complaints, f"revisions that cannot be taken back: {'; '.join(complaints)}"


@then("at least one of them concerns billing, and each of those leaves the schema as it found it")
def _(migrations: Migrations) -> None:
    trips = migrations.billing_round_trips()
    assert trips, "no revision creates or changes cost_records or budgets"
    complaints = [line for trip in trips for line in trip.complaints]
    assert not complaints, f"billing revisions that cannot be taken back: {'; '.join(complaints)}"


@then("there is exactly one")
def _(migrations: Migrations) -> None:
    heads = migrations.heads()
    assert len(heads) == 1, f"{len(heads)} revisions are the newest, so an upgrade cannot choose: {', '.join(heads)}"


def differences(given_values: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """Where a stored record differs from what was given, by column."""
    return [
        f"{name} is {seen.get(name)!r} instead of {value!r}"
        for name, value in given_values.items()
        if not _same(value, seen.get(name))
    ]


def _same(value: Any, seen: Any) -> bool:
    if isinstance(value, float):
        return seen is not None and money.equal(value, float(seen))
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value) == datetime.fromisoformat(str(seen))
    return str(value) == str(seen)
