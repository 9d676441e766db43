"""Runs the revisions against the database that DATABASE_URL names."""

import os

from alembic import context
from sqlalchemy import create_engine, pool

from omoi_os.models import catalogue


def _address() -> str:
    """Return the database address, or stop with one line that says what is missing."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        raise SystemExit("alembic cannot run: environment variable not set: DATABASE_URL")
    return address


def _print_sql() -> None:
    """Write the statements instead of executing them (alembic --sql)."""
    context.configure(url=_address(), target_metadata=catalogue.schema(), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def _migrate() -> None:
    """Execute each revision in a transaction of its own."""
    engine = create_engine(_address(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=catalogue.schema(),
            compare_server_default=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    _print_sql()
else:
    _migrate()
