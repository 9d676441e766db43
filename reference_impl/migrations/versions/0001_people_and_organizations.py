"""People, organizations and the roles they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create users, organizations and memberships."""
    op.create_table(
        "users",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("email", sa.String, nullable=False, unique=True),
        sa.Column("full_name", sa.String),
        sa.Column("password_hash", sa.String, nullable=False),
        _created_at(),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        _created_at(),
    )
    _create_memberships()


def downgrade() -> None:
    """Drop them, memberships first."""
    op.drop_table("organization_memberships")
    op.drop_table("organizations")
    op.drop_table("users")


def _create_memberships() -> None:
    """Create the table of roles, with one row per organization and person."""
    op.create_table(
        "organization_memberships",
        sa.Column(
            "organization_id", sa.String, sa.ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("user_id", sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
        sa.Column("role", sa.String, nullable=False),
        _created_at(),
        sa.CheckConstraint("role IN ('owner', 'admin', 'member', 'viewer')", name="role"),
    )


def _created_at() -> sa.Column[object]:
    """Return the column that says when a row was made."""
    return sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
