"""The life of a task: assigned to an agent, run, and completed or failed."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.spec import Spec, SpecStatus
from omoi_os.models.task import Task, TaskStatus
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, agents, locks, spec_costs
from omoi_os.services.access import Standing
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.cost_tracking import CostTrackingService
from omoi_os.services.errors import StateForbids

ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED)


@dataclass(frozen=True, slots=True)
class TaskWorkflow:
    """Takes tasks from status to status; everything happens in the caller's transaction, under row locks."""

    costs: CostTrackingService
    budgets: BudgetEnforcerService

    def assign(self, session: Session, user_id: str, task_id: str, *, agent_id: str) -> Task:
        """Give a pending or failed task to an agent, holding back what it will probably cost.

        Raises StateForbids when the task or its spec is not at that point, and BudgetExceeded naming the tightest
        budget when one cannot bear the task; then nothing was changed.
        """
        task = access.task(session, user_id, task_id, needed=Standing.MEMBER)
        agent = agents.of_project(session, agent_id, session.get_one(Ticket, task.ticket_id).project_id)
        spec = locks.spec_to_rely_on(session, task.spec_id)
        self.give(session, locks.task_to_change(session, task), agent=agent, spec=spec)
        return task

    def give(self, session: Session, task: Task, *, agent: Agent, spec: Spec | None) -> None:
        """Assign a locked task of a locked spec, under the same rules."""
        _demand_status(task, TaskStatus.PENDING, TaskStatus.FAILED)
        if spec is not None and task.phase != spec.status:
            raise StateForbids(f"The task is of the phase {task.phase}; the spec is in {spec.status}.")
        estimate = self.costs.forecast_costs(1, provider=agent.provider, model=agent.model)["estimated_cost"]
        self.budgets.reserve(session, task, agent=agent, needed=estimate)
        task.agent_id, task.status = agent.id, TaskStatus.ASSIGNED
        session.flush()

    def start(self, session: Session, user_id: str, task_id: str) -> Task:
        """Let an assigned task run."""
        task = locks.task_to_change(session, access.task(session, user_id, task_id, needed=Standing.MEMBER))
        _demand_status(task, TaskStatus.ASSIGNED)
        task.status = TaskStatus.RUNNING
        session.flush()
        return task

    def complete(self, session: Session, user_id: str, task_id: str) -> Task:
        """End a running task well; with the last task of an executing spec the spec is completed too."""
        task = access.task(session, user_id, task_id, needed=Standing.MEMBER)
        spec = session.get(Spec, task.spec_id) if task.spec_id else None
        if spec is not None:
            locks.spec_to_change(session, spec)
        _demand_status(locks.task_to_change(session, task), TaskStatus.RUNNING)
        self._end(session, task, TaskStatus.COMPLETED)
        if spec is not None and _is_done(session, spec):
            _complete(session, spec)
        return task

    def fail(self, session: Session, user_id: str, task_id: str) -> Task:
        """End an assigned or running task badly; it may be assigned again, so its spec stays open."""
        task = locks.task_to_change(session, access.task(session, user_id, task_id, needed=Standing.MEMBER))
        _demand_status(task, TaskStatus.ASSIGNED, TaskStatus.RUNNING)
        self._end(session, task, TaskStatus.FAILED)
        return task

    def give_up(self, session: Session, task_id: str) -> None:
        """Fail a task whose run broke off, unless somebody ended it meanwhile."""
        task = locks.task_to_change(session, session.get_one(Task, task_id))
        if task.status == TaskStatus.RUNNING:
            self._end(session, task, TaskStatus.FAILED)

    def _end(self, session: Session, task: Task, status: TaskStatus) -> None:
        """Set the last status of a locked task, and give back what it holds of budgets and did not spend."""
        task.status = status
        self.budgets.release(session, task.id)
        session.flush()


def _demand_status(task: Task, *wanted: TaskStatus) -> None:
    """Refuse a task that stands elsewhere."""
    if task.status not in wanted:
        raise StateForbids(f"This needs a task that is {' or '.join(wanted)}; it is {task.status}.")


def _is_done(session: Session, spec: Spec) -> bool:
    """Tell whether an executing spec has no task left to do and did at least one of its executing phase."""
    open_tasks = func.count().filter(Task.status.not_in(ENDED))
    done = func.count().filter(Task.status == TaskStatus.COMPLETED, Task.phase == SpecStatus.EXECUTING)
    left, executed = session.execute(select(open_tasks, done).where(Task.spec_id == spec.id)).one()
    return spec.status == SpecStatus.EXECUTING and not left and bool(executed)


def _complete(session: Session, spec: Spec) -> None:
    """Complete a spec and store what it has cost, both or neither."""
    spec.status = SpecStatus.COMPLETED
    spec_costs.keep(session, spec.id)
