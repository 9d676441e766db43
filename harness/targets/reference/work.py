"""What is worked on at the reference implementation: projects, tickets, specs, agents, tasks and their lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from pydantic import TypeAdapter

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.targets import replies
from harness.targets.http import Answer
from harness.targets.reference.desk import Desk
from harness.targets.surface import API
from harness.targets.terms import PHASES, Key, Reply, SpecStatus

_NEXT: Final[Mapping[SpecStatus, str]] = {
    "draft": "start",
    "requirements": "approve-requirements",
    "design": "approve-design",
}
# A failed task is started again as it was at first: by being assigned.
_WAYS: Final = ("assign", "execute", "execute-tasks", "retry")
_STARTED: Final = frozenset({"assigned", "running"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    status: SpecStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    id: Key
    ticket_id: Key
    status: str
    spec_id: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocked:
    task_id: Key
    problem: object


@dataclass(frozen=True, slots=True, kw_only=True)
class _Executed:
    assigned: tuple[_Task, ...]
    blocked: tuple[_Blocked, ...]


_SPEC: Final = TypeAdapter(_Spec)
_TASK: Final = TypeAdapter(_Task)
_EXECUTED: Final = TypeAdapter(_Executed)


class Work(Desk):
    """The verbs about work."""

    def create_project(self, title: str) -> str:
        """Make a project of the organisation."""
        return self.made("/projects", organization_id=self.tenancy.organization, name=title)

    def create_ticket(self, project_id: str, title: str) -> str:
        """Make a ticket of a project."""
        return self.made("/tickets", project_id=project_id, title=title)

    def create_spec(self, project_id: str, title: str) -> str:
        """Make a specification in a project."""
        return self.made("/specs", project_id=project_id, title=title)

    def create_task(
        self, spec_id: str, title: str, *, ticket_id: str | None = None, asked_by: str | None = None
    ) -> str:
        """Make a task of a specification; the platform opens the spec's ticket by itself."""
        return self.made(f"/specs/{spec_id}/tasks", title=title, ticket_id=ticket_id, requested_by=asked_by)

    def create_task_of_ticket(self, ticket_id: str, title: str) -> str | None:
        """Make a task of a ticket alone, which must be told its phase."""
        return self.made("/tasks", ticket_id=ticket_id, title=title, phase=PHASES[0])

    def ticket_of(self, task_id: str) -> str:
        """The ticket that a task shows."""
        return self._task(task_id).ticket_id

    def create_agent(
        self,
        project_id: str,
        name: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        streams: bool = False,
    ) -> str:
        """Make an agent of a project."""
        called = {"provider": provider, "model": model, "streams": streams or None}
        return self.made("/agents", project_id=project_id, name=name, **called)

    def delete_task(self, task_id: str) -> bool:
        """Ask for a task to be deleted."""
        return self.deletion(self.api.delete(f"{API}/tasks/{task_id}"), "a task")

    def delete_agent(self, agent_id: str) -> bool:
        """Ask for an agent to be deleted."""
        return self.deletion(self.api.delete(f"{API}/agents/{agent_id}"), "an agent")

    def advance_spec(self, spec_id: str) -> Reply:
        """Take the one step that its status leaves; PlatformMisbehaved when none is left."""
        status = self._status(spec_id)
        step = _NEXT.get(status)
        if step is None:
            operation = f"advance a spec in {status}"
            raise PlatformMisbehaved(f"a spec in {status} has no next status short of completed", operation=operation)
        return self.asked(f"/specs/{spec_id}/{step}", f"a spec in {status} is to go on")

    def status_of_spec(self, spec_id: str) -> SpecStatus:
        """The status that a spec shows."""
        status = self._status(spec_id)
        self.note("the status of a spec", status)
        return status

    def ways_to_start(self) -> tuple[str, ...]:
        """Each route that gives tasks to agents."""
        return _WAYS

    def start_task(self, task_id: str, agent_id: str, *, way: str = "assign") -> Reply:
        """Give a task to an agent, alone or with all that wait."""
        claim = f"a task is to be started ({way})"
        asked: dict[str, object] = {"agent_id": agent_id}
        if way in ("assign", "retry"):
            return self.asked(f"/tasks/{task_id}/assign", claim, asked)
        if way == "execute-tasks":
            asked["task_ids"] = [task_id]
        spec_id = self._task(task_id).spec_id
        return _execution(self.api.post(f"{API}/specs/{spec_id}/{way}", asked), task_id, self.journal, claim)

    def is_started(self, task_id: str) -> bool:
        """Whether a task shows that it is assigned or running."""
        status = self._task(task_id).status
        self.note("the status of a task", status)
        return status in _STARTED

    def run_task(self, task_id: str, *, if_quick: bool = False) -> Reply:  # noqa: ARG002 - its agents are
        """Have a task worked on; a provider that fails is told as a bad gateway, which is a refusal."""
        return self.asked(f"/tasks/{task_id}/run", "a task is to be run", also=(HTTPStatus.BAD_GATEWAY,))

    def complete_task(self, task_id: str) -> Reply:
        """Have a task completed."""
        return self.asked(f"/tasks/{task_id}/complete", "a task is to be completed")

    def fail_task(self, task_id: str) -> Reply:
        """Have a task failed."""
        return self.asked(f"/tasks/{task_id}/fail", "a task is to be failed")

    def _status(self, spec_id: str) -> SpecStatus:
        return self.api.demand(self.api.get(f"{API}/specs/{spec_id}")).read(_SPEC).status

    def _task(self, task_id: str) -> _Task:
        return self.api.demand(self.api.get(f"{API}/tasks/{task_id}")).read(_TASK)


def _execution(answer: Answer, task_id: str, journal: Journal, claim: str) -> Reply:
    """What became of one task among those that were to be executed; the answer as a whole may be a success."""
    if not answer.accepted:
        return replies.reply(answer, journal, claim)
    executed = answer.read(_EXECUTED)
    if any(task.id == task_id for task in executed.assigned):
        return replies.reply(answer, journal, claim)
    problems = [blocked.problem for blocked in executed.blocked if blocked.task_id == task_id]
    if not problems:
        raise answer.unlike("a word on the task that was to be started")
    return replies.blocked(answer, problems[0], journal, claim)
