"""Documents about tickets, specs, tasks and agents."""

from datetime import datetime

from omoi_os.api.schemas.fields import Asked, Name, Prose, Shown
from omoi_os.models.spec import SpecStatus


class TicketAsked(Asked):
    """A ticket to be opened."""

    project_id: Name
    title: Name
    description: Prose | None = None


class TicketShown(Shown):
    """A ticket."""

    id: str
    project_id: str
    title: str
    description: str | None
    status: str
    created_at: datetime


class SpecAsked(Asked):
    """A spec to be written down."""

    project_id: Name
    title: Name
    description: Prose | None = None


class SpecShown(Shown):
    """A spec."""

    id: str
    project_id: str
    ticket_id: str | None
    title: str
    description: str | None
    status: SpecStatus
    created_at: datetime


class TaskAsked(Asked):
    """A task of a ticket."""

    ticket_id: Name
    title: Name
    phase: Name


class SpecTaskAsked(Asked):
    """A task of a spec; its phase is the spec's status and its ticket the spec's own unless named."""

    title: Name
    phase: Name | None = None
    ticket_id: Name | None = None


class TaskShown(Shown):
    """A task."""

    id: str
    ticket_id: str
    spec_id: str | None
    title: str
    phase: str
    status: str
    created_at: datetime


class AgentAsked(Asked):
    """An agent to be hired."""

    project_id: Name
    name: Name
    agent_type: Name = "worker"


class AgentShown(Shown):
    """An agent."""

    id: str
    project_id: str
    name: str
    agent_type: str
    status: str
    created_at: datetime
