"""Every table at once, for those who need the whole schema."""

from sqlalchemy import MetaData

from omoi_os.models import (
    agent,
    budget,
    cost_record,
    cost_total,
    idempotency_key,
    organization,
    outbox,
    project,
    reservation,
    spec,
    spec_summary,
    task,
    ticket,
    user,
)
from omoi_os.models.base import Base

TABLES = (
    user.User,
    organization.Organization,
    organization.OrganizationMembership,
    project.Project,
    project.ProjectMembership,
    ticket.Ticket,
    spec.Spec,
    task.Task,
    agent.Agent,
    cost_record.CostRecord,
    cost_total.CostTotal,
    budget.Budget,
    outbox.OutboxEvent,
    reservation.Reservation,
    spec_summary.SpecSummary,
    idempotency_key.IdempotencyKey,
)


def schema() -> MetaData:
    """Return the description of all tables."""
    return Base.metadata
