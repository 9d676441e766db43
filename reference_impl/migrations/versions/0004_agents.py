"""Agents."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of those who work tasks off."""
    op.create_table(
        "agents",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.String, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("agent_type", sa.String, nullable=False, server_default="worker"),
        sa.Column("status", sa.String, nullable=False, server_default="idle"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("agents")
