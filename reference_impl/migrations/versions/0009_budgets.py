"""Budgets, exact to the last digit."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of limits and what was spent under them."""
    op.create_table(
        "budgets",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scope_type", sa.String, nullable=False),
        sa.Column("scope_id", sa.String),
        sa.Column("limit_amount", sa.Numeric, nullable=False),
        sa.Column("spent_amount", sa.Numeric, nullable=False, server_default="0"),
        sa.Column("alert_threshold", sa.Numeric, nullable=False, server_default="0.8"),
        _moment("period_start"),
        sa.Column("period_end", sa.DateTime(timezone=True)),
        _moment("created_at"),
        _moment("updated_at"),
        *_limits(),
    )
    op.create_index(op.f("ix_budgets_scope_type_scope_id"), "budgets", ["scope_type", "scope_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("budgets")


def _moment(name: str) -> sa.Column[object]:
    """Return a column that holds the time of insertion unless told otherwise."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _limits() -> tuple[sa.CheckConstraint, ...]:
    """Return what the database itself refuses to store."""
    return (
        sa.CheckConstraint(
            "scope_type IN ('global', 'project', 'spec', 'ticket', 'agent', 'phase')",
            name="scope_type",
        ),
        sa.CheckConstraint("(scope_type = 'global') = (scope_id IS NULL)", name="scope_id"),
        sa.CheckConstraint("limit_amount >= 0 AND limit_amount < 'Infinity'", name="limit_amount"),
        sa.CheckConstraint("alert_threshold BETWEEN 0 AND 1", name="alert_threshold"),
    )
