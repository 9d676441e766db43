"""The vocabulary in which checks speak to a platform, whatever routes and words it uses itself.

A driver turns each verb into what its platform offers. Verbs that set a scene (`create_…`, `set_budget`) leave no
reading, so that a check can never pass on its preparation alone; verbs that observe note what they saw in the journal.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from harness.journal import Journal
from harness.model import Gap, Repair
from harness.observe.bodies import Body
from harness.targets.terms import (
    Call,
    Cost,
    Forecast,
    Instance,
    Manner,
    PageGuide,
    Person,
    Reply,
    Role,
    Scope,
    SpecCosts,
    SpecStatus,
    Standing,
    Stopwatch,
    Summary,
    SummaryScope,
    Way,
)


class Platform(Protocol):
    """A running platform, used by the administrator of one organisation of its own (a tenant).

    Every verb raises PlatformMisbehaved, named for the operation, when the platform does not do what it must offer.
    Verbs that give a Reply raise it only for server errors and for operations that are not there: a refusal is an
    answer. Everything else speaks of the platform's own interface.
    """

    def create_project(self, title: str) -> str:
        """Make a project of the tenant; gives its id, as do the other `create_` verbs."""
        ...

    def create_ticket(self, project_id: str, title: str) -> str:
        """Make a ticket of a project."""
        ...

    def create_spec(self, project_id: str, title: str) -> str:
        """Make a specification in a project, in draft."""
        ...

    def create_task(
        self, spec_id: str, title: str, *, ticket_id: str | None = None, asked_by: str | None = None
    ) -> str:
        """Make a task of a specification in the phase it is in; `asked_by` is the agent who asked for it.

        The title is part of what the agent tells its provider, so that the provider stub knows whose call it serves.
        """
        ...

    def create_task_of_ticket(self, ticket_id: str, title: str) -> str | None:
        """Make a task of a ticket that belongs to no specification; None when the platform knows no such tasks."""
        ...

    def ticket_of(self, task_id: str) -> str:
        """The ticket that a task belongs to."""
        ...

    def create_agent(
        self,
        project_id: str,
        name: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        streams: bool = False,
    ) -> str:
        """Make an agent that works in a project and calls this model, as a stream or not."""
        ...

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Have the platform record what a call cost, and give the record as it answers it."""
        ...

    def try_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Reply:
        """Have a cost recorded that the platform may refuse."""
        ...

    def ways_to_record(self) -> tuple[Way, ...]:
        """Every way by which the platform has a cost recorded; the first is that of `record_cost`."""
        ...

    def record_in(self, way: Way, call: Call, *, costing: Decimal, task_id: str, agent_id: str | None = None) -> None:
        """Have a call of a task recorded in one of these ways; `costing` is told where whoever reports names it.

        PlatformMisbehaved when the platform says that it did not. What it claims to have done is not taken for it:
        whoever wants to know whether anything was stored looks for it.
        """
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

    def advance_spec(self, spec_id: str) -> Reply:
        """Take a spec to the next of its statuses short of completed, which comes with its last task."""
        ...

    def status_of_spec(self, spec_id: str) -> SpecStatus:
        """The status of a spec."""
        ...

    def manners(self, *, provider: str | None = None, streams: bool | None = None) -> tuple[Manner, ...]:
        """In which manners its agents can call a provider: this one, and so, where that is said.

        LacksCapability when in none.
        """
        ...

    def ways_to_start(self) -> tuple[str, ...]:
        """The names of every way the platform offers to have a task started by an agent; `assign` is the first."""
        ...

    def start_task(self, task_id: str, agent_id: str, *, way: str = "assign") -> Reply:
        """Have a task of a spec in its phase given to an agent in one of these ways."""
        ...

    def is_started(self, task_id: str) -> bool:
        """Whether the platform shows a task as given to an agent (assigned or later, and neither failed nor ended)."""
        ...

    def run_task(self, task_id: str, *, if_quick: bool = False) -> Reply:
        """Have an assigned task worked on by its agent, and wait until its last call is over.

        OutOfReach where its agents cannot be had here, or, `if_quick`, where one takes seconds: whoever asks so can do
        without.
        """
        ...

    def complete_task(self, task_id: str) -> Reply:
        """Have a task that was run completed."""
        ...

    def fail_task(self, task_id: str) -> Reply:
        """Have a task that was assigned or run failed."""
        ...

    def summary(self, scope: SummaryScope, scope_id: str | None = None) -> Summary:
        """What a scope cost."""
        ...

    def costs_of_spec(self, spec_id: str) -> SpecCosts:
        """What a spec cost so far."""
        ...

    def final_costs_of_spec(self, spec_id: str) -> SpecCosts:
        """The summary that was made when a spec was completed."""
        ...

    def forecast(self, scope: Scope, *, provider: str, model: str) -> Forecast:
        """What the pending tasks of a project or spec are expected to cost, at the price of this model."""
        ...

    def estimate(self, provider: str, model: str) -> Decimal:
        """What the platform expects one task of a provider's model to cost."""
        ...

    def set_budget(self, scope: Scope, limit: Decimal) -> str:
        """Set a budget, which may be 0, and give its id."""
        ...

    def change_budget(self, budget_id: str, limit: Decimal) -> None:
        """Give a budget another limit, which may be 0."""
        ...

    def try_budget(self, scope: Scope, limit: Decimal) -> Reply:
        """Set a budget that the platform may refuse, as when it holds one of the scope already."""
        ...

    def limits(self, scope: Scope) -> tuple[float, ...]:
        """The limits of every budget that the platform shows of a scope."""
        ...

    def budget(self, scope: Scope) -> Standing:
        """How a scope stands against its tightest budget."""
        ...

    def person(self, role: Role, project_id: str) -> Person:
        """Somebody who stands so to a project; a stranger is a member of another project of another organisation."""
        ...

    def remove(self, person: Person, project_id: str) -> None:
        """Have a member of a project leave it; roles held in an organisation end there."""
        ...

    def page(self, project_id: str, spec_id: str) -> PageGuide:
        """Where the page about a project is for the tenant; CannotTell when the platform has none at hand."""
        ...

    def seen_by(self, token: str | None) -> "Platform":
        """The same interface for whoever shows this token, or none, to be closed on its own."""
        ...

    def at(self, instance: Instance) -> "Platform":
        """The same tenant at another instance of the same platform, to be closed on its own."""
        ...

    def adopt_task(self, task_id: str) -> None:
        """Put a task whose row the harness planted into the tenant's reach, by the harness's own SQL."""
        ...

    def description(self) -> Mapping[str, object]:
        """Give the platform's published OpenAPI description."""
        ...

    def clock(self, stopwatch: Stopwatch) -> None:
        """Have the platform's part of every verb timed from now on, at its own boundary and nothing else."""
        ...

    def close(self) -> None:
        """Give up the tenant's connections."""
        ...


TestDatabase = Literal["empty", "migrated"]


class Driver(Protocol):
    """One kind of platform: where it is, what it needs, and how to speak to it.

    `own_environment` says that it needs an interpreter of its own, which `conform prepare` makes.
    `test_database` is how its own tests want the database that they are given: they may make its tables themselves.
    `settings` is environment by which it asks a run's provider for whatever it would ask another one for.
    `roles_held_in` says where its people are viewers and members: in a project, or in the whole organisation.
    `unclocked` says why runs of its agents are not clocked unless somebody asks for it by name, where that is so.
    `without_recording` are the bodies by which a scratch copy of its source works as before and records no cost;
    `repairs` are what a later round mends when one defect hides others.
    """

    name: str
    gaps: tuple[Gap, ...]
    repairs: tuple[Repair, ...]
    own_environment: bool
    settings: Mapping[str, str]
    test_database: TestDatabase
    planting: Mapping[str, Mapping[str, object]]
    roles_held_in: Literal["project", "organisation"]
    unclocked: str
    without_recording: tuple[Body, ...]

    def default_source(self, suite: Path) -> Path | None:
        """Where the platform's source lies when the command names none; None when it must be named."""
        ...

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """Open the platform for a new organisation of its own, seeded directly, with tokens minted."""
        ...

    def test_settings(self, *, database_url: str, redis_url: str) -> Mapping[str, str]:
        """Environment by which the platform's own tests find servers; the URL names a server's first database."""
        ...
