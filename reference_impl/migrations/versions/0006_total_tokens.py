"""Cost records carry the total of their tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the total and fill it in for the records that are there."""
    op.add_column("cost_records", sa.Column("total_tokens", sa.Integer))
    op.execute("UPDATE cost_records SET total_tokens = prompt_tokens + completion_tokens")
    op.alter_column("cost_records", "total_tokens", nullable=False)


def downgrade() -> None:
    """Drop the total, which follows from its parts."""
    op.drop_column("cost_records", "total_tokens")
