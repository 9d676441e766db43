"""Agents."""

from collections.abc import Sequence

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, SessionDep
from omoi_os.api.problems import Problem
from omoi_os.api.schemas.work import AgentAsked, AgentShown
from omoi_os.models.agent import Agent
from omoi_os.services import agents
from omoi_os.services.agents import Skill

router = APIRouter(prefix="/agents", tags=["agents"], responses={**REFUSALS})


@router.post("", status_code=201, response_model=AgentShown)
def add(asked: AgentAsked, caller: CallerDep, session: SessionDep) -> Agent:
    """Hire an agent for a project."""
    return agents.add(
        session,
        caller.id,
        project_id=asked.project_id,
        name=asked.name,
        skill=Skill(
            agent_type=asked.agent_type,
            provider=asked.provider,
            model=asked.model,
            streams=asked.streams,
        ),
    )


@router.get("", response_model=list[AgentShown])
def readable(caller: CallerDep, session: SessionDep, project_id: str | None = None) -> Sequence[Agent]:
    """List the agents one may see, perhaps of one project."""
    return agents.readable(session, caller.id, project_id=project_id)


@router.delete("/{agent_id}", status_code=204, responses={409: {"model": Problem}})
def delete(agent_id: str, caller: CallerDep, session: SessionDep) -> None:
    """Delete an agent on whom nothing hangs."""
    agents.delete(session, caller.id, agent_id)
