"""Times of cost records carry their zone; those stored so far were UTC."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


IN_UTC = "recorded_at AT TIME ZONE 'UTC'"


def upgrade() -> None:
    """Read the stored times as UTC."""
    op.alter_column(
        "cost_records",
        "recorded_at",
        type_=sa.DateTime(timezone=True),
        postgresql_using=IN_UTC,
    )


def downgrade() -> None:
    """Write the times down in UTC without saying so."""
    op.alter_column("cost_records", "recorded_at", type_=sa.DateTime, postgresql_using=IN_UTC)
