"""Runs: an agent works a task off by calling its provider, and each call is paid for as it is served."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.spec import Spec
from omoi_os.models.task import Task, TaskStatus
from omoi_os.services import scopes
from omoi_os.services.cost_tracking import CostTrackingService
from omoi_os.services.database import DatabaseService
from omoi_os.services.errors import StateForbids
from omoi_os.services.providers.directory import ProviderDirectory
from omoi_os.services.providers.interface import Answer, Question, Turn
from omoi_os.services.task_workflow import TaskWorkflow

MOST_CALLS = 4
GO_ON = "Go on where you stopped."


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A task that is being worked on: who pays, who asks, and what is asked first."""

    task_id: str
    spender: scopes.Spender
    agent_id: str
    provider: str
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRunService:
    """Runs tasks; each step is a transaction of its own, and none is open while a provider is asked."""

    db: DatabaseService
    costs: CostTrackingService
    workflow: TaskWorkflow
    providers: ProviderDirectory

    def run(self, user_id: str, task_id: str) -> Task:
        """Run an assigned task until its provider has answered in full, in at most four calls.

        Raises StateForbids unless the task is assigned, BudgetExceeded before a call that no budget may bear, and
        ProviderFailed; the task has failed then, and the calls that were served stay recorded.
        """
        with self.db.get_session() as session:
            run = _begun(session, self.workflow.start(session, user_id, task_id))
        try:
            self._converse(run)
        except Exception:
            with self.db.get_session() as session:
                self.workflow.give_up(session, task_id)
            raise
        with self.db.get_session() as session:
            return session.get_one(Task, task_id)

    def _converse(self, run: Run) -> None:
        """Ask, and ask on while answers are cut short."""
        question = run.question
        for _ in range(MOST_CALLS):
            self._check(run)
            answer = self.providers.named(run.provider).ask(question)
            self._record(run, answer)
            if not answer.cut_short:
                return
            question = _continued(question, answer)

    def _check(self, run: Run) -> None:
        """Refuse the next call when the task was ended meanwhile or a budget is used up."""
        with self.db.get_session() as session:
            if session.get_one(Task, run.task_id).status != TaskStatus.RUNNING:
                raise StateForbids("The task was ended while it ran.")
            self.workflow.budgets.refuse_if_exhausted(session, run.spender, run.task_id)

    def _record(self, run: Run, answer: Answer) -> None:
        """Pay for one call by what its response reports."""
        self.costs.record_llm_cost(
            run.task_id,
            run.provider,
            answer.model,
            answer.prompt_tokens,
            answer.completion_tokens,
            run.agent_id,
        )


def _begun(session: Session, task: Task) -> Run:
    """Gather what a run needs, so that no session has to stay open for it."""
    agent = session.get_one(Agent, task.agent_id)
    return Run(
        task_id=task.id,
        spender=scopes.spender_of_task(session, task.id, agent.id),
        agent_id=agent.id,
        provider=agent.provider,
        question=_first_question(task, agent, spec=session.get(Spec, task.spec_id) if task.spec_id else None),
    )


def _first_question(task: Task, agent: Agent, *, spec: Spec | None) -> Question:
    """Put the task into words."""
    subject = f" of the spec {spec.title!r}" if spec else ""
    return Question(
        model=agent.model,
        instructions=f"You are {agent.name}, a {agent.agent_type}. Do this task in the phase {task.phase}{subject}.",
        turns=(Turn(role="user", text="\n\n".join(filter(None, (task.title, task.description)))),),
        streamed=agent.streams,
    )


def _continued(question: Question, answer: Answer) -> Question:
    """Ask for the rest of an answer; a provider takes no empty turn, so silence is put into words."""
    said = Turn(role="assistant", text=answer.text.strip() or "…")
    return replace(question, turns=(*question.turns, said, Turn(role="user", text=GO_ON)))
