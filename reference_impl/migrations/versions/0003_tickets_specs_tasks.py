"""Tickets, specs and tasks, not yet tied to one another beyond ticket and task."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables of work."""
    op.create_table(
        "tickets",
        *_of_a_project(),
        sa.Column("status", sa.String, nullable=False, server_default="open"),
        _created_at(),
    )
    op.create_table(
        "specs",
        *_of_a_project(),
        sa.Column("status", sa.String, nullable=False, server_default="draft"),
        _created_at(),
        sa.CheckConstraint(
            "status IN ('draft', 'requirements', 'design', 'executing', 'completed')",
            name="status",
        ),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("ticket_id", sa.String, sa.ForeignKey("tickets.id"), nullable=False, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False, server_default="pending"),
        _created_at(),
    )


def downgrade() -> None:
    """Drop them, tasks first."""
    op.drop_table("tasks")
    op.drop_table("specs")
    op.drop_table("tickets")


def _of_a_project() -> tuple[sa.Column[object], ...]:
    """Return the columns that tickets and specs share."""
    return (
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.String, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("description", sa.Text),
    )


def _created_at() -> sa.Column[object]:
    """Return the column that says when a row was made."""
    return sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
