"""What is committed is kept by our own server, what is not waited for is lost, and both are seen."""

import time
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import keepsake
from harness.observe.commits import Commits
from harness.observe.keepsake import Keepsake
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.workspace import Workspace

TABLE: Final = "CREATE TABLE cost_records (task_id text)"
INSERT: Final = "INSERT INTO cost_records VALUES ('t')"
COUNT: Final = "SELECT count(*) FROM cost_records"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A run's folder, gone after the test."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture
def server(workspace: Workspace) -> EmbeddedPostgres:
    """A server that keeps what is committed."""
    return EmbeddedPostgres.start(workspace, durable=True)


@pytest.fixture
def database(server: EmbeddedPostgres) -> str:
    """URL of a database with a table of costs."""
    url = server.url(server.create_database("kept"))
    with connect(url) as connection:
        connection.execute(TABLE)
    return url


def test_a_commit_that_does_not_wait_is_lost_when_the_server_is_killed(server: EmbeddedPostgres, database: str) -> None:
    """Our own row, committed before, is there; the other one is not, and was seen not to wait."""
    journal = Journal()
    kept = Keepsake(journal, database)
    keepsake.demand_durable(server.url("postgres"))
    with Commits(journal, database) as commits:
        commits.watch()
        with connect(database) as hasty:
            hasty.execute("SET synchronous_commit = off")
            hasty.execute(INSERT)
            kept.leave()
            strike = server.aim()
            hasty.execute(INSERT)
            strike()
        server.restart()
        kept.demand()
        with connect(database) as connection:
            assert connection.execute(COUNT).fetchone() == (1,)
        assert commits.careless() == 1
    assert [(reading.observed, reading.examined) for reading in journal.readings] == [(1, 1)]


def test_a_server_that_keeps_nothing_cannot_tell(workspace: Workspace) -> None:
    """What we gave no durability ourselves is nobody else's loss."""
    careless = EmbeddedPostgres.start(workspace)
    with pytest.raises(CannotTell, match="fsync"):
        keepsake.demand_durable(careless.url("postgres"))


def test_a_lost_row_of_our_own_cannot_tell(database: str) -> None:
    """Where not even ours is kept, nothing follows for anybody's."""
    with pytest.raises(CannotTell, match="our own row was lost too"):
        Keepsake(Journal(), database).demand()


def test_watched_commits_take_a_moment_and_leave_nothing_behind(database: str) -> None:
    """Whoever answers before the commit is seen to; afterwards the database is as it was."""
    with Commits(Journal(), database) as commits, connect(database) as connection:
        commits.watch(seconds=0.3)
        began = time.monotonic()
        connection.execute(INSERT)
        assert time.monotonic() - began >= 0.3
        assert commits.careless() == 0
    with connect(database) as connection:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchall() == [("cost_records",)]


def test_commits_of_no_table_cannot_be_watched(server: EmbeddedPostgres) -> None:
    """Without a table of costs there is nothing to look at."""
    commits = Commits(Journal(), server.url(server.create_database("empty")))
    with pytest.raises(CannotTell, match="could not watch"):
        commits.watch()
    commits.close()


def test_a_server_is_killed_with_whoever_came_after_the_aim(server: EmbeddedPostgres, database: str) -> None:
    """A connection that was not there when the aim was taken does not keep the data."""
    strike = server.aim()
    with connect(database) as late:
        late.execute(INSERT)
        strike()
        with pytest.raises(psycopg.OperationalError):
            late.execute(INSERT)
    server.restart()
    with connect(database) as connection:
        assert connection.execute(COUNT).fetchone() == (1,)
