"""Tasks may belong to a spec, and a spec has a ticket for those of its tasks that name none."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both links, empty for what is there."""
    op.add_column("tasks", sa.Column("spec_id", sa.String))
    op.create_foreign_key(op.f("fk_tasks_spec_id_specs"), "tasks", "specs", ["spec_id"], ["id"])
    op.create_index(op.f("ix_tasks_spec_id"), "tasks", ["spec_id"])
    op.add_column("specs", sa.Column("ticket_id", sa.String))
    op.create_foreign_key(op.f("fk_specs_ticket_id_tickets"), "specs", "tickets", ["ticket_id"], ["id"])


def downgrade() -> None:
    """Drop both links; which task belonged to which spec is lost."""
    op.drop_constraint(op.f("fk_specs_ticket_id_tickets"), "specs")
    op.drop_column("specs", "ticket_id")
    op.drop_index(op.f("ix_tasks_spec_id"), "tasks")
    op.drop_constraint(op.f("fk_tasks_spec_id_specs"), "tasks")
    op.drop_column("tasks", "spec_id")
