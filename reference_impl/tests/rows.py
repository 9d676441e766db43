"""Rows that a cost needs, written without the platform."""

from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.base import new_id
from omoi_os.models.organization import Organization
from omoi_os.models.project import Project
from omoi_os.models.spec import Spec
from omoi_os.models.task import Task
from omoi_os.models.ticket import Ticket
from omoi_os.models.user import User


def plant_task(session: Session, *, phase: str = "design") -> Task:
    """Store a task with everything above it."""
    user = User(id=new_id(), email=f"{new_id()}@example.com", password_hash="none")  # noqa: S106 - it opens nothing but the tests
    organization = Organization(id=new_id(), name="Keepers")
    session.add_all([user, organization])
    session.flush()
    project = Project(id=new_id(), organization_id=organization.id, owner_id=user.id, name="Lighthouse")
    session.add(project)
    session.flush()
    ticket = Ticket(id=new_id(), project_id=project.id, title="Lamp")
    spec = Spec(id=new_id(), project_id=project.id, title="Lamp")
    session.add_all([ticket, spec])
    session.flush()
    task = Task(ticket_id=ticket.id, spec_id=spec.id, title="Draw", phase=phase)
    session.add(task)
    session.flush()
    return task


def plant_agent(session: Session, task: Task) -> Agent:
    """Store an agent of the project of a task."""
    ticket = session.get_one(Ticket, task.ticket_id)
    agent = Agent(project_id=ticket.project_id, name="Ada")
    session.add(agent)
    session.flush()
    return agent
