"""Specs: writing them down, giving them tasks, and taking them from phase to phase."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.spec import Spec, SpecStatus
from omoi_os.models.spec_summary import SpecSummary
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.services import access, locks, scopes, spec_costs, tasks
from omoi_os.services.access import Standing
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.errors import NothingThere, StateForbids, ValueRefused
from omoi_os.services.spec_costs import SpecCosts

NEXT = {
    SpecStatus.DRAFT: SpecStatus.REQUIREMENTS,
    SpecStatus.REQUIREMENTS: SpecStatus.DESIGN,
    SpecStatus.DESIGN: SpecStatus.EXECUTING,
}


class SpecService:
    """Keeps specs and their tasks; everything happens in the caller's transaction."""

    def __init__(self, budgets: BudgetEnforcerService) -> None:
        self._budgets = budgets

    def create(self, session: Session, user_id: str, *, project_id: str, title: str, description: str | None) -> Spec:
        """Store a spec in draft."""
        access.project(session, user_id, project_id, needed=Standing.MEMBER)
        spec = Spec(project_id=project_id, title=title, description=description)
        session.add(spec)
        session.flush()
        session.refresh(spec)
        return spec

    def get(self, session: Session, user_id: str, spec_id: str) -> Spec:
        """Return a spec."""
        return access.spec(session, user_id, spec_id)

    def of_project(self, session: Session, user_id: str, project_id: str) -> Sequence[Spec]:
        """Return the specs of a project."""
        access.project(session, user_id, project_id)
        return session.scalars(select(Spec).where(Spec.project_id == project_id).order_by(Spec.created_at)).all()

    def add_task(self, session: Session, user_id: str, spec_id: str, task: tasks.TaskWish) -> Task:
        """Store a task of a spec; raises StateForbids once the spec is completed.

        Without a phase the task is of the one that the spec is in, and of the first one while the spec is in draft.
        """
        spec = locks.spec_to_change(session, access.spec(session, user_id, spec_id, needed=Standing.MEMBER))
        if spec.status == SpecStatus.COMPLETED:
            raise StateForbids("The spec is completed and takes no more tasks.")
        ticket = (
            _ticket_of(session, spec) if task.ticket_id is None else access.ticket(session, user_id, task.ticket_id)
        )
        if ticket.project_id != spec.project_id:
            raise ValueRefused("The ticket belongs to another project than the spec.")
        return tasks.store(session, tasks.of_wish(session, task, ticket=ticket, spec=spec))

    def tasks_of(self, session: Session, user_id: str, spec_id: str) -> Sequence[Task]:
        """Return the tasks of a spec."""
        access.spec(session, user_id, spec_id)
        return session.scalars(select(Task).where(Task.spec_id == spec_id).order_by(Task.created_at)).all()

    def advance(self, session: Session, user_id: str, spec_id: str, *, out_of: SpecStatus) -> Spec:
        """Take a spec into its next phase.

        Raises StateForbids when it is in another phase than the one to leave, and BudgetExceeded when nothing is left
        of a budget that covers it.
        """
        spec = locks.spec_to_change(session, access.spec(session, user_id, spec_id, needed=Standing.MEMBER))
        if spec.status != out_of:
            raise StateForbids(f"This takes a spec out of {out_of}; the spec is in {spec.status}.")
        self._budgets.refuse_if_exhausted(session, scopes.spender_of_spec(spec))
        spec.status = NEXT[out_of]
        session.flush()
        return spec

    def costs(self, session: Session, user_id: str, spec_id: str) -> SpecCosts:
        """Sum what a spec has cost so far."""
        return spec_costs.of_spec(session, access.spec(session, user_id, spec_id).id)

    def final_costs(self, session: Session, user_id: str, spec_id: str) -> SpecSummary:
        """Return what was stored when the spec was completed; raises NothingThere before."""
        summary = session.get(SpecSummary, access.spec(session, user_id, spec_id).id)
        if summary is None:
            raise NothingThere("The spec is not completed, so it has no final summary yet.")
        return summary


def _ticket_of(session: Session, spec: Spec) -> Ticket:
    """Return the ticket that holds a locked spec's own tasks, opened with the first of them."""
    if spec.ticket_id is not None:
        return session.get_one(Ticket, spec.ticket_id)
    ticket = Ticket(project_id=spec.project_id, title=spec.title)
    session.add(ticket)
    session.flush()
    spec.ticket_id = ticket.id
    return ticket
