"""The database keeps the sums of cost records, so that a summary need not read them all."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ADDED = "SELECT task_id, agent_id, provider, model, 1, total_tokens, total_cost::numeric FROM added"
REMOVED = "SELECT task_id, agent_id, provider, model, -1, -total_tokens, -total_cost::numeric FROM removed"
CHANGES = {
    "insert": ("NEW TABLE AS added", ADDED),
    "update": ("OLD TABLE AS removed NEW TABLE AS added", f"{REMOVED} UNION ALL {ADDED}"),
    "delete": ("OLD TABLE AS removed", REMOVED),
}
KEEP = """
CREATE FUNCTION cost_totals_on_{kind}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cost_totals AS kept (task_id, agent_id, provider, model, record_count, total_tokens, total_cost)
    SELECT task_id, agent_id, provider, model, sum(records), sum(tokens), sum(cost)
    FROM ({changes}) AS changed (task_id, agent_id, provider, model, records, tokens, cost)
    GROUP BY task_id, agent_id, provider, model
    HAVING sum(records) <> 0 OR sum(tokens) <> 0 OR sum(cost) <> 0
    ORDER BY task_id, agent_id, provider, model
    ON CONFLICT (task_id, agent_id, provider, model) DO UPDATE SET
        record_count = kept.record_count + excluded.record_count,
        total_tokens = kept.total_tokens + excluded.total_tokens,
        total_cost = kept.total_cost + excluded.total_cost;
    RETURN NULL;
END $$
"""
EMPTY = """
CREATE FUNCTION cost_totals_on_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cost_totals;
    RETURN NULL;
END $$
"""
TRIGGER = (
    "CREATE TRIGGER cost_totals_on_{kind} AFTER {kind} ON cost_records {tables}"
    " FOR EACH STATEMENT EXECUTE FUNCTION cost_totals_on_{kind}()"
)
FILL = """
INSERT INTO cost_totals (task_id, agent_id, provider, model, record_count, total_tokens, total_cost)
SELECT task_id, agent_id, provider, model, count(*), sum(total_tokens), sum(total_cost::numeric)
FROM cost_records GROUP BY task_id, agent_id, provider, model
"""


def upgrade() -> None:
    """Create the table, the triggers that keep it, and the sums of what is there."""
    op.create_table(
        "cost_totals",
        sa.Column("task_id", sa.String),
        sa.Column("agent_id", sa.String),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("record_count", sa.BigInteger, nullable=False),
        sa.Column("total_tokens", sa.BigInteger, nullable=False),
        sa.Column("total_cost", sa.Numeric, nullable=False),
        sa.UniqueConstraint("task_id", "agent_id", "provider", "model", postgresql_nulls_not_distinct=True),
    )
    op.create_index(op.f("ix_cost_totals_agent_id"), "cost_totals", ["agent_id"])
    for kind, (tables, changes) in CHANGES.items():
        op.execute(KEEP.format(kind=kind, changes=changes))
        op.execute(TRIGGER.format(kind=kind, tables=f"REFERENCING {tables}"))
    op.execute(EMPTY)
    op.execute(TRIGGER.format(kind="truncate", tables=""))
    # Creating a trigger locks writers out until the commit, so that no record is missed or counted twice.
    op.execute(FILL)


def downgrade() -> None:
    """Drop all of it; the sums follow from the records."""
    for kind in (*CHANGES, "truncate"):
        op.execute(f"DROP TRIGGER cost_totals_on_{kind} ON cost_records")
        op.execute(f"DROP FUNCTION cost_totals_on_{kind}()")
    op.drop_table("cost_totals")
