"""Agents: hiring them, and letting them go while they cost nothing."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.services import access
from omoi_os.services.access import Standing
from omoi_os.services.errors import StateForbids


def add(session: Session, user_id: str, *, project_id: str, name: str, agent_type: str) -> Agent:
    """Store an agent of a project."""
    access.project(session, user_id, project_id, needed=Standing.MEMBER)
    agent = Agent(project_id=project_id, name=name, agent_type=agent_type)
    session.add(agent)
    session.flush()
    session.refresh(agent)
    return agent


def readable(session: Session, user_id: str, *, project_id: str | None) -> Sequence[Agent]:
    """Return the agents of one project, or of all that somebody may read."""
    query = select(Agent).where(Agent.project_id.in_(access.readable_projects(user_id)))
    if project_id is not None:
        access.project(session, user_id, project_id)
        query = query.where(Agent.project_id == project_id)
    return session.scalars(query.order_by(Agent.created_at)).all()


def delete(session: Session, user_id: str, agent_id: str) -> None:
    """Delete an agent; raises StateForbids while costs hang on it."""
    session.delete(access.agent(session, user_id, agent_id, needed=Standing.OWNER))
    try:
        session.flush()
    except IntegrityError as error:
        raise StateForbids("The agent has costs, and costs keep their agent.") from error
