"""What is worked on at OmoiOS: projects, tickets, specs, tasks and agents; its agents work in sandboxes elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from harness.errors import (
    CannotTell,
    OutOfReach,
    PlatformFailed,
    PlatformMisbehaved,
    PlatformOffersNone,
)
from harness.interpreter.protocol import WorkerRefused
from harness.journal import Journal
from harness.services.databases import connect
from harness.targets.omoios import sandbox
from harness.targets.omoios.desk import NOTHING, PHASES, Desk, Tenancy
from harness.targets.replies import INSTRUMENT
from harness.targets.surface import API
from harness.targets.terms import Ground, Instance, Key, Manner, Refusal, Reply, SpecStatus

_TASK_PATH: Final = f"{API}/tasks/{{task_id}}"
_COMPLETED: Final[Mapping[str, object]] = {"status": "completed"}
_STARTED: Final = frozenset({"assigned", "running"})
# What its web framework answers where there is no such path at all; the platform's own words name what is missing.
_NO_ROUTE: Final = '{"detail":"Not Found"}'
_NO_SPEC: Final = "no-spec-of/"
_SLOW: Final = "no task is run in this check, since an agent takes seconds to begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    status: SpecStatus
    project_id: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    status: str
    ticket_id: Key
    description: str | None = None
    assigned_agent_id: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Enqueued:
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agent:
    agent_id: Key


_SPEC: Final = TypeAdapter(_Spec)
_AGENT: Final = TypeAdapter(_Agent)
_ENQUEUED: Final = TypeAdapter(_Enqueued)
_TASK: Final = TypeAdapter(_Task)


class Work(Desk):
    """The verbs about work; a spec is completed by an edit, which follows upon its last task."""

    def __init__(self, instance: Instance, journal: Journal, tenancy: Tenancy) -> None:
        super().__init__(instance, journal, tenancy)
        self._open: dict[str, str] = {}
        self._models: dict[str, str] = {}

    def create_project(self, title: str) -> str:
        """Make a project of the organisation, whose projects all have names of their own.

        No requirement is about making one, so it is planted where that is broken, and hides nothing.
        """
        name = f"{title} {uuid4().hex[:8]}"
        try:
            return self.made("/projects", organization_id=self.tenancy.organization, name=name)
        except PlatformFailed as error:
            try:
                planted = self.plant_project(name=name)
            except CannotTell:
                raise error from None
            claim = "why a project is planted, which the platform could not make"
            self.journal.find(INSTRUMENT, claim, observed=error.message, examined=1)
            return planted

    def create_ticket(self, project_id: str, title: str) -> str:
        """Make a ticket of a project, without a search for others like it."""
        return self.made("/tickets", project_id=project_id, title=title, description=title, check_duplicates=False)

    def create_spec(self, project_id: str, title: str) -> str:
        """Make a specification in a project; before there were any, name one that is none, whose tasks are just tasks.

        Nothing may be asked of that one: PlatformOffersNone.
        """
        try:
            return self.made("/specs", project_id=project_id, title=title)
        except PlatformOffersNone as error:
            if _NO_ROUTE not in error.message:
                raise
            return f"{_NO_SPEC}{project_id}/{uuid4()}"

    def create_task(
        self,
        spec_id: str,
        title: str,
        *,
        ticket_id: str | None = None,
        asked_by: str | None = None,  # noqa: ARG002 - nobody here keeps who asked
    ) -> str:
        """Make a task of a ticket of a specification, in the phase that it is in."""
        if spec_id.startswith(_NO_SPEC):
            project = spec_id.removeprefix(_NO_SPEC).partition("/")[0]
            return self._task_of(ticket_id or self.create_ticket(project, title), title, PHASES["requirements"])
        spec = self._spec(spec_id)
        ticket = ticket_id or self.create_ticket(spec.project_id, title)
        self._bind(ticket, spec_id)
        task = self._task_of(ticket, title, PHASES[spec.status])
        self._open[task] = spec_id
        return task

    def create_task_of_ticket(self, ticket_id: str, title: str) -> str | None:
        """Make a task of a ticket alone."""
        return self._task_of(ticket_id, title, PHASES["requirements"])

    def ticket_of(self, task_id: str) -> str:
        """The ticket that a task shows."""
        return self._task(task_id).ticket_id

    def create_agent(
        self,
        project_id: str,  # noqa: ARG002 - agents belong to nobody here
        name: str,
        *,
        provider: str | None = None,  # noqa: ARG002 - they know one provider
        model: str | None = None,
        streams: bool = False,  # noqa: ARG002 - they always do
    ) -> str:
        """Register an agent; its model is told to its sandbox, by whoever starts that."""
        known = {"agent_type": "worker", "phase_id": PHASES["executing"], "capabilities": [name]}
        agent = self.api.post(f"{API}/agents/register", known).read(_AGENT).agent_id
        if model is not None:
            self._models[agent] = model
        return agent

    def known_manners(self) -> tuple[Manner, ...]:
        """What works in a sandbox calls nobody but Anthropic, and always with a stream."""
        if sandbox.is_known(self.instance.inside):
            return (Manner(provider="anthropic", streams=True),)
        return super().known_manners()

    def delete_task(self, task_id: str) -> bool:
        """Ask for a task to be deleted."""
        return self.deletion(self.api.delete(f"{API}/tasks/{task_id}"), "a task")

    def delete_agent(self, agent_id: str) -> bool:
        """Ask for an agent to be deleted."""
        return self.deletion(self.api.delete(f"{API}/agents/{agent_id}"), "an agent")

    def advance_spec(self, spec_id: str) -> Reply:
        """Take a spec on: by an edit out of draft, then by the two approvals."""
        status = self._spec(spec_id).status
        claim = f"a spec in {status} is to go on"
        match status:
            case "draft":
                return self.reply(self.api.patch(f"{API}/specs/{spec_id}", {"status": "requirements"}), claim)
            case "requirements" | "design":
                return self.reply(self.api.post(f"{API}/specs/{spec_id}/approve-{status}"), claim)
            case _:
                operation = f"advance a spec in {status}"
                raise PlatformMisbehaved(f"a spec in {status} has no next status", operation=operation)

    def status_of_spec(self, spec_id: str) -> SpecStatus:
        """The status that a spec shows."""
        status = self._spec(spec_id).status
        self.note("the status of a spec", status)
        return status

    def ways_to_start(self) -> tuple[str, ...]:
        """The one method by which every scheduler of the platform gives a task to an agent."""
        return ("assign",)

    def start_task(self, task_id: str, agent_id: str, *, way: str = "assign") -> Reply:
        """Have the queue give a task to an agent, which it refuses by raising."""
        try:
            self.within("assign_task", NOTHING, task_id=task_id, agent_id=agent_id)
        except WorkerRefused as refused:
            self.note(f"a task is to be started ({way})", refused.message)
            ground: Ground = "budget" if "budget" in refused.message.lower() else "other"
            return Reply(operation="assign a task", status=0, refusal=Refusal(ground=ground, words=refused.message))
        status = self._task(task_id).status
        self.note(f"a task is to be started ({way})", f"then it is {status}")
        if status not in _STARTED:
            raise CannotTell(f"the task is {status}, and the queue that was to give it to an agent says nothing of why")
        return Reply(operation="assign a task", status=0)

    def is_started(self, task_id: str) -> bool:
        """Whether a task shows that it is assigned or running."""
        status = self._task(task_id).status
        self.note("the status of a task", status)
        return status in _STARTED

    def run_task(self, task_id: str, *, if_quick: bool = False) -> Reply:
        """Have the agent's program, which its sandbox would run, do the task here."""
        if if_quick:
            raise OutOfReach(_SLOW)
        sandbox.at_hand(self.instance)
        task = self._task(task_id)
        agent = task.assigned_agent_id or ""
        errand = sandbox.Errand(task=task_id, agent=agent, words=task.description or "", model=self._models.get(agent))
        sandbox.work(self.instance, errand)
        self.note("a task is worked on by the program of a sandbox, run here", "done")
        return Reply(operation="run a task", status=0)

    def complete_task(self, task_id: str) -> Reply:
        """Have a task shown as completed."""
        if self.offers("patch", _TASK_PATH):
            reply = self.reply(self.api.patch(f"{API}/tasks/{task_id}", _COMPLETED), "a task is to be completed")
        else:
            reply = self._ended(task_id, "completed")
        spec_id = self._open.pop(task_id, None)
        if reply.granted and spec_id is not None and spec_id not in self._open.values():
            self._finish(spec_id)
        return reply

    def fail_task(self, task_id: str) -> Reply:
        """Have a task marked as failed."""
        if not self.offers("post", f"{_TASK_PATH}/fail"):
            return self._ended(task_id, "failed")
        asked = {"reason": "it was given up"}
        return self.reply(self.api.post(f"{API}/tasks/{task_id}/fail", asked), "a task is to be failed")

    def _ended(self, task_id: str, status: str) -> Reply:
        """Have the queue note how a task has ended, as its workers did before there was a route for it."""
        self.within("end_task", NOTHING, task_id=task_id, status=status)
        shown = self._task(task_id).status
        self.note(f"a task is to be {status} (by the queue)", f"then it is {shown}")
        if shown != status:
            raise CannotTell(f"the task is {shown}, and the queue that was to have it {status} says nothing of why")
        return Reply(operation="end a task", status=0)

    def _finish(self, spec_id: str) -> None:
        if self._spec(spec_id).status == "executing":
            self.api.demand(self.api.patch(f"{API}/specs/{spec_id}", _COMPLETED))

    def _task_of(self, ticket_id: str, title: str, phase: str) -> str:
        if self.offers("post", f"{API}/tasks"):
            return self.made("/tasks", ticket_id=ticket_id, title=title, description=title, phase_id=phase)
        # Before there was a route for it, only the platform's own code made tasks.
        return self.within("enqueue_task", _ENQUEUED, ticket_id=ticket_id, phase_id=phase, description=title).id

    def _spec(self, spec_id: str) -> _Spec:
        if spec_id.startswith(_NO_SPEC):
            raise PlatformOffersNone("the platform has no specifications yet", operation="make a specification")
        return self.api.demand(self.api.get(f"{API}/specs/{spec_id}")).read(_SPEC)

    def _task(self, task_id: str) -> _Task:
        return self.api.demand(self.api.get(f"{API}/tasks/{task_id}")).read(_TASK)

    def _bind(self, ticket_id: str, spec_id: str) -> None:
        """Let the ticket's context name the spec, as tickets do that the platform makes of a spec by itself."""
        with connect(self.instance.database_url) as connection:
            connection.execute(
                "UPDATE tickets SET context = coalesce(context, '{}'::jsonb) || %s WHERE id = %s",
                (Jsonb({"spec_id": spec_id}), ticket_id),
            )
