"""Events wait in an outbox until the bus has them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the outbox, with indexes over what still waits."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("event_id", sa.String, nullable=False, unique=True),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("entity_type", sa.String, nullable=False),
        sa.Column("entity_id", sa.String, nullable=False),
        sa.Column("project_id", sa.String),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("position", sa.BigInteger, unique=True),
    )
    op.create_index(op.f("ix_outbox_project_id_position"), "outbox", ["project_id", "position"])
    op.create_index("ix_outbox_unplaced", "outbox", ["id"], postgresql_where=sa.text("position IS NULL"))
    op.create_index("ix_outbox_waiting", "outbox", ["position"], postgresql_where=sa.text("published_at IS NULL"))


def downgrade() -> None:
    """Drop it, with whatever still waits in it."""
    op.drop_table("outbox")
