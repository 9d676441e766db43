"""Costs keep their tasks and agents, and are found by them quickly."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


PARENTS = (("task_id", "tasks"), ("agent_id", "agents"))


def upgrade() -> None:
    """Refuse to delete what has costs, and index costs by task, by agent and tasks by phase."""
    for column, parent in PARENTS:
        _replace_key(column, parent, ondelete="RESTRICT")
        op.create_index(op.f(f"ix_cost_records_{column}"), "cost_records", [column])
    op.create_index(op.f("ix_tasks_phase"), "tasks", ["phase"])


def downgrade() -> None:
    """Take the indexes away and put the plain keys back."""
    op.drop_index(op.f("ix_tasks_phase"), "tasks")
    for column, parent in PARENTS:
        op.drop_index(op.f(f"ix_cost_records_{column}"), "cost_records")
        _replace_key(column, parent, ondelete=None)


def _replace_key(column: str, parent: str, *, ondelete: str | None) -> None:
    """Put the foreign key of a column up again with another rule for deletion."""
    name = op.f(f"fk_cost_records_{column}_{parent}")
    op.drop_constraint(name, "cost_records")
    op.create_foreign_key(name, "cost_records", parent, [column], ["id"], ondelete=ondelete)
