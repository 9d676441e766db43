"""Budgets hold money back for tasks that were assigned."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep the sum that is held back with the budget, and what each task holds of it beside."""
    op.add_column("budgets", sa.Column("reserved_amount", sa.Numeric, nullable=False, server_default="0"))
    op.create_check_constraint(op.f("ck_budgets_reserved_amount"), "budgets", "reserved_amount >= 0")
    op.create_table(
        "reservations",
        sa.Column("task_id", sa.String, sa.ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("budget_id", sa.Integer, sa.ForeignKey("budgets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("amount", sa.Numeric, nullable=False),
        sa.CheckConstraint("amount >= 0", name="amount"),
    )
    op.create_index(op.f("ix_reservations_budget_id"), "reservations", ["budget_id"])


def downgrade() -> None:
    """Drop both; nothing is held back any more."""
    op.drop_table("reservations")
    op.drop_constraint(op.f("ck_budgets_reserved_amount"), "budgets")
    op.drop_column("budgets", "reserved_amount")
