"""Agents know their provider and model, and tasks know who asked for them and who runs them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LINKS = ("agent_id", "requested_by")


def upgrade() -> None:
    """Give agents a provider, a model and a way of calling, and tasks their agents and a description."""
    op.add_column("agents", sa.Column("provider", sa.String, nullable=False, server_default="anthropic"))
    op.add_column("agents", sa.Column("model", sa.String, nullable=False, server_default="claude-sonnet-4.5"))
    op.add_column("agents", sa.Column("streams", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("tasks", sa.Column("description", sa.Text))
    for link in LINKS:
        op.add_column("tasks", sa.Column(link, sa.String))
        op.create_foreign_key(op.f(f"fk_tasks_{link}_agents"), "tasks", "agents", [link], ["id"])
        op.create_index(op.f(f"ix_tasks_{link}"), "tasks", [link])


def downgrade() -> None:
    """Drop them; which agent ran which task is lost, what it cost is not."""
    for link in reversed(LINKS):
        op.drop_index(op.f(f"ix_tasks_{link}"), "tasks")
        op.drop_constraint(op.f(f"fk_tasks_{link}_agents"), "tasks")
        op.drop_column("tasks", link)
    op.drop_column("tasks", "description")
    for column in ("streams", "model", "provider"):
        op.drop_column("agents", column)
