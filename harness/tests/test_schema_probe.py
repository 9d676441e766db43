"""The migrated table is compared with §5.2 and with its model; defects are named and harmless variants stay clean."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import LiteralString

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import mending
from harness.probes import schema
from harness.probes.mapping import Mapper
from harness.probes.schema import Schema
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.tests.migration_ground import miniature, postgres

HARMLESS = ("bigint-key", "uuid-key", "text", "extra-column", "extra-index")


@pytest.fixture(scope="module")
def server() -> Generator[EmbeddedPostgres]:
    """One server for this module."""
    with postgres() as running:
        yield running


@contextmanager
def looking(server: EmbeddedPostgres, defect: str | None = None) -> Generator[tuple[Schema, Mapper, Journal]]:
    """The instruments on a migrated miniature, and the journal they write to."""
    with miniature(server, defect) as ground, mending.migrated(ground) as place:
        journal = Journal()
        yield Schema(journal, ground, place), Mapper(journal, place), journal


def test_the_sound_table_is_what_the_document_describes(server: EmbeddedPostgres) -> None:
    """No violation, no difference, no drift; both owners are guarded by the database itself."""
    with looking(server) as (table, _, journal):
        assert (table.columns().violations, table.columns().differences) == ((), ())
        assert (table.drift().violations, table.drift().differences) == ((), ())
        assert table.refusal("task_id").by_foreign_key
        assert table.refusal("agent_id").by_foreign_key
        assert all(reading.examined > 0 for reading in journal.readings)
        assert journal.findings == []


@pytest.mark.parametrize("variant", HARMLESS)
def test_a_harmless_variant_violates_nothing(server: EmbeddedPostgres, variant: str) -> None:
    """Other keys, wider text, extra columns and indexes are differences at most, and rows go in and out."""
    with looking(server, f"harmless-{variant}") as (table, mapper, journal):
        assert table.columns().violations == ()
        assert table.drift().violations == ()
        assert table.refusal("task_id").by_foreign_key
        assert mapper.stored().row["total_tokens"] == 1610
        assert journal.findings


def test_a_cost_goes_in_through_the_model_and_its_relationships_lead_home(server: EmbeddedPostgres) -> None:
    """What the model stored is found by SQL, and each relationship leads to the planted owner."""
    with looking(server) as (_, mapper, _journal):
        assert mapper.configured().table == "cost_records"
        stored = mapper.stored()
        assert stored.row["prompt_cost"] == stored.given["prompt_cost"] == stored.read["prompt_cost"]
        loaded = {each.name: each for each in mapper.relationships(mapper.stored())}
        assert set(loaded) == {"task", "agent"}
        assert all(each.key and not each.error for each in loaded.values())


def test_a_missing_column_is_named(server: EmbeddedPostgres) -> None:
    """It violates §5.2, drifts from the model, and keeps the model from storing anything."""
    with looking(server, "missing-column") as (table, mapper, _):
        assert table.columns().violations == ("cost_records.total_tokens is missing",)
        assert table.drift().violations == ("only the model has total_tokens integer NOT NULL",)
        with pytest.raises(Exception, match="total_tokens"):
            mapper.stored()


def test_a_timestamp_without_zone_is_a_violation(server: EmbeddedPostgres) -> None:
    """§5.2 demands the zone."""
    with looking(server, "timestamp-without-zone") as (table, _, _journal):
        (line,) = table.columns().violations
        assert line == "cost_records.recorded_at is timestamp without time zone, §5.2 says timestamp with time zone"


def test_a_type_that_only_the_migration_changed_is_drift(server: EmbeddedPostgres) -> None:
    """The type is compatible with §5.2, and still not the model's."""
    with looking(server, "drifted-type") as (table, _, _journal):
        assert table.columns().violations == ()
        assert len(table.columns().differences) == 1
        assert set(table.drift().violations) == {
            "only the migrated table has total_cost numeric(12,6) NOT NULL",
            "only the model has total_cost double precision NOT NULL",
        }


def test_a_dropped_foreign_key_is_seen_by_catalogue_and_by_trying(server: EmbeddedPostgres) -> None:
    """The database takes an unknown task; the agent is still guarded; the stray row is taken out again."""
    with looking(server, "dropped-foreign-key") as (table, _, _journal):
        assert table.foreign_key("task_id") is None
        assert table.foreign_key("agent_id") is not None
        refusal = table.refusal("task_id")
        assert (refusal.code, refusal.stored, refusal.by_foreign_key) == (None, 1, False)
        assert table.refusal("agent_id").by_foreign_key
        assert table.refusal("task_id").stored == 1
        assert any("foreign key task_id" in line for line in table.drift().violations)


AGREEING = """
ALTER TABLE cost_records ADD CHECK (total_tokens = prompt_tokens + completion_tokens),
                         ADD CHECK (total_cost = prompt_cost + completion_cost), ADD CHECK (prompt_tokens > 1)
"""
GENERATED = """
ALTER TABLE cost_records DROP total_tokens;
ALTER TABLE cost_records ADD total_tokens int NOT NULL GENERATED ALWAYS AS (prompt_tokens + completion_tokens) STORED
"""


@pytest.mark.parametrize("rule", [AGREEING, GENERATED])
def test_totals_that_must_agree_hide_no_refusal(server: EmbeddedPostgres, rule: LiteralString) -> None:
    """Amounts agree with one another, and what the database sums up itself is left to it."""
    with miniature(server) as ground, mending.migrated(ground) as place:
        place.connection.execute(rule)
        assert schema.measure_refusal(place, "task_id").by_foreign_key
        assert schema.measure_refusal(place, "agent_id").by_foreign_key


def test_amounts_that_a_driver_prefers_are_taken(server: EmbeddedPostgres) -> None:
    """It knows what its platform's rules let in."""
    with miniature(server) as ground, mending.migrated(ground) as place:
        place.connection.execute("ALTER TABLE cost_records ADD CHECK (total_tokens % 7 = 0)")
        with pytest.raises(CannotTell, match=r"Hint: .*planting"):
            schema.measure_refusal(place, "task_id")
        preferred = {"cost_records": {"total_tokens": 7}}
        assert schema.measure_refusal(place, "task_id", preferred=preferred).by_foreign_key


def test_a_refusal_of_the_known_owner_too_tells_nothing(server: EmbeddedPostgres) -> None:
    """When the positive twin is refused, the negative is worth nothing."""
    with miniature(server) as ground, mending.migrated(ground) as place:
        place.connection.execute("ALTER TABLE cost_records ADD CHECK (prompt_tokens + completion_tokens < 0)")
        with pytest.raises(CannotTell, match="cost_records"):
            schema.measure_refusal(place, "task_id")
