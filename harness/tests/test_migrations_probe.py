"""Migrations are walked both ways on real servers, and each miniature's defect is named."""

from collections.abc import Generator

import psycopg
import pytest

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe import history, scratch
from harness.probes import migrations, stored_rows
from harness.probes.migrations import Migrations, RoundTrips
from harness.probes.stored_rows import Compatibility, StoredRows
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.tests.migration_ground import miniature, postgres


@pytest.fixture(scope="module")
def server() -> Generator[EmbeddedPostgres]:
    """One server for this module."""
    with postgres() as running:
        yield running


def round_trips(server: EmbeddedPostgres, defect: str | None = None) -> RoundTrips:
    """The round trips of a miniature."""
    with miniature(server, defect) as ground:
        return migrations.measure_round_trips(ground)


def rows(server: EmbeddedPostgres, defect: str | None = None) -> StoredRows:
    """The stored rows of a miniature."""
    with miniature(server, defect) as ground:
        return stored_rows.measure_stored_rows(ground)


def complaints(measurement: RoundTrips) -> dict[str, tuple[str, ...]]:
    """What was wrong, by revision."""
    return {trip.revision.id: trip.complaints for trip in measurement.trips if trip.complaints}


def test_a_sound_history_goes_up_down_and_up_through_branch_and_merge(server: EmbeddedPostgres) -> None:
    """Every revision is tried, a merge goes back to its parents, and nothing is left behind."""
    measured = round_trips(server)
    assert {trip.revision.id for trip in measured.trips} == {"r1", "r2", "r3a", "r3b", "r4"}
    assert complaints(measured) == {}
    assert measured.heads == ("r4",)
    assert measured.unreached == ()


@pytest.mark.parametrize("way", ["harmless-version-table", "harmless-settings-in-pyproject"])
def test_how_migrations_are_set_up_is_the_platforms_own_affair(server: EmbeddedPostgres, way: str) -> None:
    """What the environment makes for itself is no doing of a revision; settings may stand wherever Alembic reads."""
    measured = round_trips(server, way)
    assert (complaints(measured), measured.heads, measured.unreached) == ({}, ("r4",), ())


def test_billing_revisions_are_told_by_what_they_change(server: EmbeddedPostgres) -> None:
    """Those that change cost_records in the schema are listed apart."""
    measured = round_trips(server)
    journal = Journal()
    assert {trip.revision.id for trip in Migrations(journal, measured).billing_round_trips()} == {"r2", "r3a"}
    Migrations(journal, measured).round_trips()
    assert [reading.examined for reading in journal.readings] == [2, 5]
    assert journal.findings[0].observed == ("r2: cost records", "r3a: total tokens")


def test_an_emptied_downgrade_is_seen_by_what_remains(server: EmbeddedPostgres) -> None:
    """The table remains after down, the second up collides, and later revisions are not blamed."""
    found = complaints(round_trips(server, "empty-downgrade"))
    assert set(found) == {"r3b"}
    assert "after down of r3b: table notes remains" in found["r3b"]
    assert "already exists" in found["r3b"][-1]


def test_an_index_that_a_downgrade_forgets_is_named(server: EmbeddedPostgres) -> None:
    """It is seen also where the second up would not mind."""
    found = complaints(round_trips(server, "forgotten-index"))
    assert found == {"r5": ("after down of r5: index ix_cost_records_provider remains",)}


def test_a_downgrade_that_raises_is_reported_in_its_own_words(server: EmbeddedPostgres) -> None:
    """The walk goes on with the next revision."""
    measured = round_trips(server, "raising-downgrade")
    assert "there is no way back" in complaints(measured)["r3b"][0]
    assert measured.trips[-1].revision.id == "r4"


def test_two_heads_are_counted_and_still_walked(server: EmbeddedPostgres) -> None:
    """A second head is seen; the round trips of all revisions are still made."""
    measured = round_trips(server, "two-heads")
    assert sorted(measured.heads) == ["r4", "r5"]
    assert complaints(measured) == {}
    assert len(measured.trips) == 6


def test_a_revision_that_waits_for_another_branch_holds_up_only_what_follows_it(server: EmbeddedPostgres) -> None:
    """It is blamed for what it raised, taken back like any other once it has gone up, and nothing stays unreached."""
    measured = round_trips(server, "waits-for-a-branch")
    found = complaints(measured)
    assert set(found) == {"r3b"}
    assert "total_tokens" in found["r3b"][0]
    assert [trip.revision.id for trip in measured.trips] == ["r1", "r2", "r3b", "r3a", "r4"]
    assert measured.unreached == ()


def test_a_revision_that_never_goes_up_is_left_out(server: EmbeddedPostgres) -> None:
    """What another branch has made already cannot be made again, in whatever order."""
    with miniature(server, "made-twice") as ground, scratch.database(ground, "twice") as place:
        climb = history.salvage(place)
    assert ([one.id for one in climb.left], climb.postponed) == (["r5"], ())
    assert "already exists" in climb.refused["r5"]


def test_another_database_is_not_touched(server: EmbeddedPostgres) -> None:
    """A migration environment that goes elsewhere is stopped before it writes anything."""
    with miniature(server, "foreign-database") as ground, scratch.database(ground, "foreign") as place:
        with pytest.raises(PlatformMisbehaved, match="not to the database in DATABASE_URL"):
            history.upgrade(place)
        with connect(server.url("postgres")) as connection:
            assert connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)


def test_no_database_is_left_behind(server: EmbeddedPostgres) -> None:
    """Every database that a measurement made is dropped with it."""
    with connect(server.url("postgres")) as connection:
        before = connection.execute("SELECT datname FROM pg_database ORDER BY datname").fetchall()
        round_trips(server)
        assert connection.execute("SELECT datname FROM pg_database ORDER BY datname").fetchall() == before


def test_rows_of_every_earlier_revision_are_found_with_their_amounts(server: EmbeddedPostgres) -> None:
    """Two rows for each revision in which the table exists, one of no agent, amounts unchanged."""
    measured = rows(server)
    assert {row.revision for row in measured.rows} == {"r2", "r3a", "r3b", "r4"}
    assert [loss for row in measured.rows for loss in row.losses] == []
    assert all(row.amounts for row in measured.rows)
    journal = Journal()
    Compatibility(journal, measured).rows()
    assert journal.readings[0].examined == 8
    assert [row.agent for row in measured.rows] == [True, False] * 4


def test_amounts_that_an_upgrade_loses_are_named(server: EmbeddedPostgres) -> None:
    """Every row older than the revision that forgets its amounts is named with was and is."""
    losses = [loss for row in rows(server, "lost-amounts").rows for loss in row.losses]
    assert losses[0] == "total_cost of the row of an agent stored under r2 was 1.75, is 0.0"
    assert len(losses) == 8


def test_rows_that_an_upgrade_deletes_are_gone(server: EmbeddedPostgres) -> None:
    """A deleted row is told from a changed one, and its younger siblings are not blamed."""
    measured = rows(server, "lost-rows")
    assert measured.rows[0].losses == ("the row of an agent stored under r2 is gone",)
    assert [row.found for row in measured.rows[::2]] == [number > 1 for number in _numbers(server)]


def test_rows_are_stored_along_the_way_that_an_empty_database_took(server: EmbeddedPostgres) -> None:
    """As shipped a history that does not go up ends the way; under its repair only rows that stop it do."""
    with miniature(server, "made-twice") as ground:
        assert "already exists" in str(stored_rows.measure_stored_rows(ground).error)
        mended = stored_rows.measure_stored_rows(ground, spared=frozenset({"r5"}))
        assert (mended.error, {row.revision for row in mended.rows}) == (None, {"r2", "r3a", "r3b", "r4"})
        assert "already exists" in str(stored_rows.measure_stored_rows(ground, spared=frozenset()).error)


def _numbers(server: EmbeddedPostgres) -> list[int]:
    """The positions, from the base, of the revisions that have the table."""
    with miniature(server, "lost-rows") as ground, scratch.database(ground, "positions") as place:
        order = [revision.id for revision in history.revisions(place)]
    return list(range(order.index("r2"), len(order)))


def test_the_worker_walks_to_the_head_and_back_by_single_steps(server: EmbeddedPostgres) -> None:
    """The tables come and go."""
    with miniature(server) as ground, scratch.database(ground, "names") as place:
        history.upgrade(place)
        place.connection.execute("SELECT total_tokens FROM cost_records")
        for revision in reversed(history.revisions(place)):
            assert history.step(place, "down", revision, doing="down from") is None
        with pytest.raises(psycopg.errors.UndefinedTable):
            place.connection.execute("SELECT 1 FROM cost_records")
