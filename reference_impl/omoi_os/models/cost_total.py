"""Cost totals: sums over cost records that the database keeps up to date itself."""

from decimal import Decimal
from typing import Final

from sqlalchemy import DDL, BigInteger, Numeric, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base
from omoi_os.models.cost_record import CostRecord


class CostTotal(Base):
    """What the records of one task, agent, provider and model sum up to; zeros where all of them are gone.

    Amounts are numeric, so that taking a record out leaves exactly what was there before it came.
    """

    __tablename__ = "cost_totals"
    __table_args__ = (UniqueConstraint("task_id", "agent_id", "provider", "model", postgresql_nulls_not_distinct=True),)

    task_id: Mapped[str | None] = mapped_column()
    agent_id: Mapped[str | None] = mapped_column(index=True)
    provider: Mapped[str] = mapped_column()
    model: Mapped[str] = mapped_column()
    record_count: Mapped[int] = mapped_column(BigInteger)
    total_tokens: Mapped[int] = mapped_column(BigInteger)
    total_cost: Mapped[Decimal] = mapped_column(Numeric)

    # PostgreSQL takes no NULL in a primary key, and the mapper only asks for what tells rows apart.
    __mapper_args__ = {"primary_key": (task_id, agent_id, provider, model)}  # noqa: RUF012 - the mapper reads it once


_ADDED: Final = "SELECT task_id, agent_id, provider, model, 1, total_tokens, total_cost::numeric FROM added"
_REMOVED: Final = "SELECT task_id, agent_id, provider, model, -1, -total_tokens, -total_cost::numeric FROM removed"
_CHANGES: Final = {
    "insert": ("NEW TABLE AS added", _ADDED),
    "update": ("OLD TABLE AS removed NEW TABLE AS added", f"{_REMOVED} UNION ALL {_ADDED}"),
    "delete": ("OLD TABLE AS removed", _REMOVED),
}

# Rows are locked in the order of their keys, so that two statements never wait for each other.
_KEEP: Final = """
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
_EMPTY: Final = """
CREATE FUNCTION cost_totals_on_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM cost_totals;
    RETURN NULL;
END $$
"""
_TRIGGER: Final = (
    "CREATE TRIGGER cost_totals_on_{kind} AFTER {kind} ON %(fullname)s {tables}"
    " FOR EACH STATEMENT EXECUTE FUNCTION cost_totals_on_{kind}()"
)


def _attach() -> None:
    """Let whoever creates or drops the table of records do so with what keeps their totals."""
    records = CostRecord.__table__
    for kind, (tables, changes) in _CHANGES.items():
        event.listen(records, "after_create", DDL(_KEEP.format(kind=kind, changes=changes)))
        event.listen(records, "after_create", DDL(_TRIGGER.format(kind=kind, tables=f"REFERENCING {tables}")))
    event.listen(records, "after_create", DDL(_EMPTY))
    event.listen(records, "after_create", DDL(_TRIGGER.format(kind="truncate", tables="")))
    for kind in (*_CHANGES, "truncate"):
        event.listen(records, "after_drop", DDL(f"DROP FUNCTION cost_totals_on_{kind}()"))


_attach()
