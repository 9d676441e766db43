"""Row locks of the workflow, always taken in one order: a spec, then its tasks, then budgets by key.

They are locks on what a row says and not on its key, so that recording a cost of a task never waits for them. Recording
locks the total that the cost adds to, then budgets: nobody locks a total after a budget as long as one transaction
records one cost.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from omoi_os.models.spec import Spec
from omoi_os.models.task import Task


def spec_to_change(session: Session, spec: Spec) -> Spec:
    """Lock a spec whose status or tasks are about to change, and read it anew."""
    session.refresh(spec, with_for_update={"key_share": True})
    return spec


def spec_to_rely_on(session: Session, spec_id: str | None) -> Spec | None:
    """Keep a spec's status as it is for the rest of the transaction, along with others who do so."""
    return None if spec_id is None else session.get_one(Spec, spec_id, with_for_update={"read": True})


def task_to_change(session: Session, task: Task) -> Task:
    """Lock a task, and read it anew."""
    session.refresh(task, with_for_update={"key_share": True})
    return task


def tasks_to_change(session: Session, spec: Spec) -> list[Task]:
    """Lock all tasks of a spec, read anew and in the order in which they were made."""
    query = select(Task).where(Task.spec_id == spec.id).order_by(Task.id).with_for_update(key_share=True)
    tasks = session.scalars(query.execution_options(populate_existing=True)).all()
    return sorted(tasks, key=lambda task: (task.created_at, task.id))
