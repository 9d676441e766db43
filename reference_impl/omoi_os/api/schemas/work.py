"""Documents about tickets, specs, tasks and agents."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from omoi_os.api.problems import Problem
from omoi_os.api.schemas.fields import Asked, Name, Prose, Shown
from omoi_os.models.spec import SpecStatus
from omoi_os.models.task import TaskStatus
from omoi_os.services.cost_tracking import DEFAULT_MODEL, DEFAULT_PROVIDER
from omoi_os.services.providers.directory import ProviderName


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
    """A task of a spec; its phase is the spec's and its ticket the spec's own unless named."""

    title: Name
    description: Prose | None = None
    phase: Name | None = None
    ticket_id: Name | None = None
    requested_by: Name | None = None


class TaskShown(Shown):
    """A task."""

    id: str
    ticket_id: str
    spec_id: str | None
    title: str
    description: str | None
    phase: str
    status: TaskStatus
    agent_id: str | None
    requested_by: str | None
    created_at: datetime


class AssignmentAsked(Asked):
    """An agent who is to do a task."""

    agent_id: Name


class TaskAssigned(TaskShown):
    """A task that was just assigned, and how many US dollars every budget over it holds back for it."""

    reserved_amount: float


class ExecutionAsked(Asked):
    """An agent who is to do the tasks of a spec; without one the project's agents take turns."""

    agent_id: Name | None = None


class TasksExecutionAsked(ExecutionAsked):
    """Some of the tasks of a spec to be done."""

    task_ids: Annotated[list[Name], Field(min_length=1, max_length=1000)]


class TaskBlocked(Shown):
    """A task that was not assigned, and why."""

    task_id: str
    problem: Problem


class ExecutionShown(Shown):
    """What became of the tasks that were to be assigned."""

    assigned: list[TaskShown]
    blocked: list[TaskBlocked]


class AgentAsked(Asked):
    """An agent to be hired; one of a provider of its own choice names a model of it."""

    project_id: Name
    name: Name
    agent_type: Name = "worker"
    provider: ProviderName = ProviderName(DEFAULT_PROVIDER)
    model: Name = DEFAULT_MODEL
    streams: bool = False

    @model_validator(mode="after")
    def names_its_model(self) -> Self:
        """Refuse another provider with the default one's model."""
        if self.provider != DEFAULT_PROVIDER and "model" not in self.model_fields_set:
            raise ValueError(f"Name a model of {self.provider}.")
        return self


class AgentShown(Shown):
    """An agent."""

    id: str
    project_id: str
    name: str
    agent_type: str
    provider: str
    model: str
    streams: bool
    status: str
    created_at: datetime
