"""Sums and lists of stored costs; sums are read off the totals that the database keeps."""

from collections.abc import Sequence
from math import fsum
from typing import TypedDict

from sqlalchemy import BigInteger, ColumnElement, Float, cast, func, select
from sqlalchemy.orm import Session

from omoi_os.models.cost_record import CostRecord
from omoi_os.models.cost_total import CostTotal
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services.scopes import CostScope, costs_within


class ModelCost(TypedDict):
    """What one model of one provider cost, in US dollars."""

    provider: str
    model: str
    cost: float
    tokens: int
    records: int


class CostSummary(TypedDict):
    """What a scope cost, in US dollars, and by which models."""

    scope_type: str
    scope_id: str | None
    total_cost: float
    total_tokens: int
    record_count: int
    breakdown: list[ModelCost]


def summarize(
    session: Session, scope: CostScope, scope_id: str | None, *, only: ColumnElement[bool] | None = None
) -> CostSummary:
    """Sum the costs of a scope, perhaps some of them; one that cost nothing has zeros and an empty breakdown."""
    within = costs_within(scope, scope_id)
    breakdown = _by_model(session, within if only is None else within & only)
    return CostSummary(
        scope_type=scope,
        scope_id=scope_id,
        total_cost=fsum(row["cost"] for row in breakdown),
        total_tokens=sum(row["tokens"] for row in breakdown),
        record_count=sum(row["records"] for row in breakdown),
        breakdown=breakdown,
    )


def latest(session: Session, which: ColumnElement[bool], *, limit: int) -> Sequence[CostRecord]:
    """Return the newest records that a condition on record, task and ticket selects."""
    query = select(CostRecord).join(Task, CostRecord.task_id == Task.id).join(Ticket, Task.ticket_id == Ticket.id)
    newest = (CostRecord.recorded_at.desc(), CostRecord.id.desc())
    return session.scalars(query.where(which).order_by(*newest).limit(limit)).all()


def _by_model(session: Session, which: ColumnElement[bool]) -> list[ModelCost]:
    """Sum by provider and model; records without a task count where no task is asked for."""
    query = (
        select(
            CostTotal.provider,
            CostTotal.model,
            cast(func.sum(CostTotal.total_cost), Float()),
            cast(func.sum(CostTotal.total_tokens), BigInteger),
            cast(func.sum(CostTotal.record_count), BigInteger),
        )
        .outerjoin(Task, CostTotal.task_id == Task.id)
        .outerjoin(Ticket, Task.ticket_id == Ticket.id)
        .where(CostTotal.record_count > 0)
        .where(which)
        .group_by(CostTotal.provider, CostTotal.model)
        .order_by(CostTotal.provider, CostTotal.model)
    )
    return [
        ModelCost(provider=provider, model=model, cost=cost, tokens=tokens, records=records)
        for provider, model, cost, tokens, records in session.execute(query)
    ]
