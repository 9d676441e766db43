"""The vocabulary in which checks speak to a platform, whatever routes and words it uses itself.

A driver turns each verb into what its platform offers. Verbs that set a scene (`create_…`) leave no reading, so that a
check can never pass on its preparation alone; verbs that observe note what they saw in the journal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field

from harness.journal import Journal
from harness.model import Gap

Key = Annotated[str, Field(coerce_numbers_to_str=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One LLM call to be paid for: provider, model, and how many tokens went in and came out."""

    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One cost as the platform's own interface shows it; amounts in USD.

    What an answer leaves out is None: whether it may is judged by the contract of the interface, once.
    """

    id: Key | None = None
    task_id: Key | None = None
    agent_id: Key | None = None
    provider: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_cost: float | None = None
    completion_cost: float | None = None
    total_cost: float | None = None


class Platform(Protocol):
    """A running platform, used by the administrator of one organisation of its own (a tenant).

    Every verb raises PlatformMisbehaved, named for the operation, when the platform does not do what it must offer.
    """

    def create_project(self, title: str) -> str:
        """Make a project of the tenant; gives its id, as do the other `create_` verbs."""
        ...

    def create_spec(self, project_id: str, title: str) -> str:
        """Make a specification in a project."""
        ...

    def create_task(self, spec_id: str, title: str) -> str:
        """Make a task of a specification."""
        ...

    def create_agent(self, project_id: str, name: str) -> str:
        """Make an agent that works in a project."""
        ...

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Have the platform record what a call cost, and give the record as it answers it."""
        ...

    def costs_of_task(self, task_id: str) -> tuple[Cost, ...]:
        """List the costs of a task as the platform's interface shows them."""
        ...

    def delete_task(self, task_id: str) -> bool:
        """Ask the platform to delete a task, which it may refuse; false when it offers no way to."""
        ...

    def delete_agent(self, agent_id: str) -> bool:
        """Ask the platform to delete an agent, which it may refuse; false when it offers no way to."""
        ...

    def adopt_task(self, task_id: str) -> None:
        """Put a task whose row the harness planted into the tenant's reach, by the harness's own SQL."""
        ...

    def description(self) -> Mapping[str, object]:
        """Give the platform's published OpenAPI description."""
        ...

    def close(self) -> None:
        """Give up the tenant's connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One running instance of the platform, as a driver needs it; `secret` signs its tokens and is never shown."""

    url: str
    database_url: str
    secret: str


class Driver(Protocol):
    """One kind of platform: where it is, what it needs, and how to speak to it."""

    name: str
    gaps: tuple[Gap, ...]
    planting: Mapping[str, Mapping[str, object]]

    def default_source(self, suite: Path) -> Path | None:
        """Where the platform's source lies when the command names none; None when it must be named."""
        ...

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """Open the platform for a new organisation of its own, seeded directly, with tokens minted."""
        ...
