"""Every table at once, for those who need the whole schema."""

from sqlalchemy import MetaData

from omoi_os.models import agent, budget, cost_record, organization, project, spec, task, ticket, user
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
    budget.Budget,
)


def schema() -> MetaData:
    """Return the description of all tables."""
    return Base.metadata
