"""Agents: hiring them, and letting them go while nothing hangs on them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.services import access
from omoi_os.services.access import Standing
from omoi_os.services.errors import NothingThere, StateForbids
from omoi_os.services.providers.directory import ProviderName


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """What an agent is and how it calls its provider."""

    agent_type: str
    provider: ProviderName
    model: str
    streams: bool


def add(session: Session, user_id: str, *, project_id: str, name: str, skill: Skill) -> Agent:
    """Store an agent of a project."""
    access.project(session, user_id, project_id, needed=Standing.MEMBER)
    agent = Agent(project_id=project_id, name=name, **asdict(skill))
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


def of_project(session: Session, agent_id: str, project_id: str) -> Agent:
    """Return an agent who works in a project; raises NothingThere."""
    agent = session.get(Agent, agent_id)
    if agent is None or agent.project_id != project_id:
        raise NothingThere("The project has no such agent.")
    return agent


def working_in(session: Session, project_id: str) -> Sequence[Agent]:
    """Return the agents of a project in the order in which they were hired; raises StateForbids without any."""
    agents = session.scalars(
        select(Agent).where(Agent.project_id == project_id).order_by(Agent.created_at, Agent.id)
    ).all()
    if not agents:
        raise StateForbids("The project has no agents.")
    return agents


def delete(session: Session, user_id: str, agent_id: str) -> None:
    """Delete an agent; raises StateForbids while costs or tasks hang on it."""
    session.delete(access.agent(session, user_id, agent_id, needed=Standing.OWNER))
    try:
        session.flush()
    except IntegrityError as error:
        raise StateForbids("The agent has costs or tasks, and they keep their agent.") from error
