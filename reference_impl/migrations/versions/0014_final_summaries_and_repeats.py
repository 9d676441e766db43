"""A completed spec keeps what it cost, and a repeated report of a cost is known by its key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "spec_summaries",
        sa.Column("spec_id", sa.String, sa.ForeignKey("specs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("total_cost", sa.Float, nullable=False),
        sa.Column("total_tokens", sa.BigInteger, nullable=False),
        sa.Column("record_count", sa.Integer, nullable=False),
        sa.Column("by_phase", JSONB, nullable=False),
        sa.Column("by_agent", JSONB, nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("request_digest", sa.String, nullable=False),
        sa.Column("cost_record_id", sa.Integer, sa.ForeignKey("cost_records.id"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("idempotency_keys")
    op.drop_table("spec_summaries")
