"""Every revision goes up, down and up, and keeps what is stored."""

import re
import subprocess
from math import fsum

import pytest
from sqlalchemy import create_engine, make_url, text

from conftest import address_of, alembic, create_database, drop_database
from demo import embedded
from omoi_os.models import catalogue

VERSION_TABLE = re.compile(
    r"^(CREATE TABLE|ALTER TABLE( ONLY)?) public\.alembic_version.*?;$", re.DOTALL | re.MULTILINE
)
REVISIONS = [f"{number:04}" for number in range(1, 16)]
ABOVE_COSTS = (
    "INSERT INTO users (id, email, password_hash) VALUES ('u', 'u@example.com', '-')",
    "INSERT INTO organizations (id, name) VALUES ('o', 'Keepers')",
    "INSERT INTO projects (id, organization_id, owner_id, name) VALUES ('p', 'o', 'u', 'Lighthouse')",
    "INSERT INTO tickets (id, project_id, title) VALUES ('t', 'p', 'Lamp')",
    "INSERT INTO tasks (id, ticket_id, title, phase) VALUES ('k', 't', 'Draw', 'design')",
)


def described(url: str) -> str:
    """Return the schema as pg_dump writes it, without the table that counts revisions."""
    command = [embedded.postgres_binaries() / "pg_dump", "-s", "--restrict-key=x", "--no-comments"]
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run([*command, plain], capture_output=True, text=True, check=True)
    statements = VERSION_TABLE.sub("", re.sub(r"^(--|SET ).*$", "", dump.stdout, flags=re.MULTILINE))
    return re.sub(r"\n{2,}", "\n", statements)


def execute(url: str, *statements: str) -> None:
    """Execute statements in one transaction."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_every_revision_is_undone_exactly(empty_database: str) -> None:
    """After each step down the schema is what it was before the step up."""
    before = described(empty_database)
    for revision in REVISIONS:
        alembic(empty_database, "upgrade", revision)
        after = described(empty_database)
        assert after != before, revision
        alembic(empty_database, "downgrade", "-1")
        assert described(empty_database) == before, revision
        alembic(empty_database, "upgrade", revision)
        assert described(empty_database) == after, revision
        before = after
    assert alembic(empty_database, "heads").split() == [REVISIONS[-1], "(head)"]


def test_models_and_tables_do_not_drift(postgres_url: str, database_url: str) -> None:
    """The migrated schema is the one the models describe, object by object."""
    name = create_database(postgres_url)
    engine = create_engine(address_of(postgres_url, name))
    catalogue.schema().create_all(engine)
    engine.dispose()
    modelled = described(address_of(postgres_url, name))
    drop_database(postgres_url, name)
    assert modelled == described(database_url)
    assert "No new upgrade operations" in alembic(database_url, "check")


def test_costs_stored_under_every_revision_survive(empty_database: str) -> None:
    """A cost keeps its amounts and moment on the way up, all the way down and up again, and counts in its total."""
    alembic(empty_database, "upgrade", "0005")
    execute(empty_database, *ABOVE_COSTS)
    for number, revision in enumerate(REVISIONS[4:]):
        alembic(empty_database, "upgrade", revision)
        execute(empty_database, _cost(number, with_total=revision != "0005"))
    alembic(empty_database, "downgrade", "0005")
    alembic(empty_database, "upgrade", "head")
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT prompt_tokens, total_tokens, total_cost, recorded_at AT TIME ZONE 'UTC'"
                " FROM cost_records ORDER BY prompt_tokens"
            )
        ).all()
        (kept,) = connection.execute(
            text("SELECT record_count, total_tokens, total_cost::float FROM cost_totals")
        ).all()
    engine.dispose()
    expected = [(number, number + 7, 0.1 + number / 3, "2026-03-29 01:30:00") for number in range(11)]
    assert [(*row[:3], str(row[3])) for row in rows] == expected
    assert kept == (11, sum(row[1] for row in rows), pytest.approx(fsum(row[2] for row in rows), rel=1e-12))


def _cost(number: int, *, with_total: bool) -> str:
    """Return the statement that stores a cost known by its prompt tokens."""
    extra, value = (", total_tokens", f", {number + 7}") if with_total else ("", "")
    return (
        "INSERT INTO cost_records (task_id, provider, model, prompt_tokens, completion_tokens, prompt_cost,"  # noqa: S608 - numbers of ours
        f" completion_cost, total_cost, recorded_at{extra}) VALUES ('k', 'openai', 'gpt-4o', {number}, 7, 0.1,"
        f" {number / 3!r}, {0.1 + number / 3!r}, '2026-03-29 01:30:00Z'{value})"
    )
