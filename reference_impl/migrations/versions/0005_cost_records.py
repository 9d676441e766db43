"""Cost records in their first form: no total of tokens, times without a zone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of what each call cost."""
    op.create_table(
        "cost_records",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("task_id", sa.String, sa.ForeignKey("tasks.id")),
        sa.Column("agent_id", sa.String, sa.ForeignKey("agents.id")),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("prompt_tokens", sa.Integer, nullable=False),
        sa.Column("completion_tokens", sa.Integer, nullable=False),
        sa.Column("prompt_cost", sa.Float, nullable=False),
        sa.Column("completion_cost", sa.Float, nullable=False),
        sa.Column("total_cost", sa.Float, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("cost_records")
