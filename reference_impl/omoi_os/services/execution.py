"""The executing phase: many tasks of a spec assigned at once, each guarded like a single one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, repeat

from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.spec import Spec, SpecStatus
from omoi_os.models.task import Task, TaskStatus
from omoi_os.services import access, agents, locks, scopes
from omoi_os.services.access import Standing
from omoi_os.services.errors import BudgetExceeded, NothingThere, Refusal, StateForbids
from omoi_os.services.task_workflow import TaskWorkflow


@dataclass(frozen=True, slots=True)
class Blocked:
    """A task that was not assigned, and why."""

    task_id: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Execution:
    """What became of the tasks that were to be assigned."""

    assigned: list[Task] = field(default_factory=list[Task])
    blocked: list[Blocked] = field(default_factory=list[Blocked])


@dataclass(frozen=True, slots=True)
class ExecutionService:
    """Assigns tasks of executing specs, in the caller's transaction."""

    workflow: TaskWorkflow

    def execute(self, session: Session, user_id: str, spec_id: str, *, agent_id: str | None) -> Execution:
        """Assign every pending task of a spec, in the order in which they were made.

        They go to the agent that is named, or to the project's agents in turn. Raises StateForbids outside the
        executing phase, and BudgetExceeded when budgets left nothing to be assigned.
        """
        spec = _executing(session, user_id, spec_id)
        pending = [task for task in locks.tasks_to_change(session, spec) if task.status == TaskStatus.PENDING]
        return self._assign(session, spec, pending, agents=_team(session, spec, agent_id))

    def execute_tasks(
        self, session: Session, user_id: str, spec_id: str, *, task_ids: Sequence[str], agent_id: str | None
    ) -> Execution:
        """Assign these tasks of a spec in this order, pending or failed, under the same rules."""
        spec = _executing(session, user_id, spec_id)
        tasks = {task.id: task for task in locks.tasks_to_change(session, spec)}
        if not tasks.keys() >= set(task_ids):
            raise NothingThere("The spec has no such task.")
        wanted = [tasks[task_id] for task_id in dict.fromkeys(task_ids)]
        return self._assign(session, spec, wanted, agents=_team(session, spec, agent_id))

    def _assign(self, session: Session, spec: Spec, tasks: Sequence[Task], *, agents: Iterator[Agent]) -> Execution:
        """Assign one task after the other, all their budgets locked before the first."""
        pairs = list(zip(tasks, agents, strict=False))
        if pairs:
            spenders = [scopes.spender_of_task(session, task.id, agent.id) for task, agent in pairs]
            self.workflow.budgets.lock(session, spenders)
        execution = Execution()
        for task, agent in pairs:
            try:
                self.workflow.give(session, task, agent=agent, spec=spec)
            except Refusal as refusal:
                execution.blocked.append(Blocked(task.id, refusal))
            else:
                execution.assigned.append(task)
        _refuse_if_nothing_was_affordable(execution)
        return execution


def _executing(session: Session, user_id: str, spec_id: str) -> Spec:
    """Return an executing spec, locked; raises StateForbids when it is in another phase."""
    spec = locks.spec_to_change(session, access.spec(session, user_id, spec_id, needed=Standing.MEMBER))
    if spec.status != SpecStatus.EXECUTING:
        raise StateForbids(f"Only a spec in executing is executed; this one is in {spec.status}.")
    return spec


def _team(session: Session, spec: Spec, agent_id: str | None) -> Iterator[Agent]:
    """Return who takes the next task, without end."""
    if agent_id is not None:
        return repeat(agents.of_project(session, agent_id, spec.project_id))
    return cycle(agents.working_in(session, spec.project_id))


def _refuse_if_nothing_was_affordable(execution: Execution) -> None:
    """Raise the first refusal for a budget when nothing was assigned."""
    shortages = (one.refusal for one in execution.blocked if isinstance(one.refusal, BudgetExceeded))
    if not execution.assigned and (shortage := next(shortages, None)):
        raise shortage
