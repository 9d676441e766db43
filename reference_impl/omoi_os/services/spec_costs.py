"""What a spec cost, by phase and by agent: as it stands, and as it was when the spec was completed."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, NamedTuple, TypedDict, TypeVar

from sqlalchemy import BigInteger, Float, cast, func, select
from sqlalchemy.orm import Session

from omoi_os.models.agent import Agent
from omoi_os.models.cost_total import CostTotal
from omoi_os.models.spec import SpecStatus
from omoi_os.models.spec_summary import SpecSummary
from omoi_os.models.task import Task

Key = TypeVar("Key", bound=Hashable)


class Cell(NamedTuple):
    """What one agent's calls cost in one phase."""

    phase: str
    agent_id: str | None
    name: str | None
    cost: float
    tokens: int
    records: int


class Sums(TypedDict):
    """US dollars, tokens, and how many calls they are the sums of."""

    cost: float
    tokens: int
    records: int


class PhaseCost(Sums):
    """What one phase of a spec cost."""

    phase: str


class AgentCost(Sums):
    """What one agent's calls cost; the agent is None where a record names none."""

    agent_id: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecCosts:
    """What a spec cost in US dollars; both breakdowns add up to the total."""

    spec_id: str
    total_cost: float
    total_tokens: int
    record_count: int
    by_phase: list[PhaseCost]
    by_agent: list[AgentCost]


def of_spec(session: Session, spec_id: str) -> SpecCosts:
    """Sum the costs of a spec, out of a single query, so that total and breakdowns are of one moment."""
    cells = _cells(session, spec_id)
    total = _sums(cells)
    return SpecCosts(
        spec_id=spec_id,
        total_cost=total["cost"],
        total_tokens=total["tokens"],
        record_count=total["records"],
        by_phase=_by_phase(cells),
        by_agent=_by_agent(cells),
    )


def keep(session: Session, spec_id: str) -> None:
    """Store what a spec has cost as its final summary."""
    costs = of_spec(session, spec_id)
    summary = SpecSummary(
        spec_id=spec_id,
        total_cost=costs.total_cost,
        total_tokens=costs.total_tokens,
        record_count=costs.record_count,
        by_phase=[dict[str, Any](one) for one in costs.by_phase],
        by_agent=[dict[str, Any](one) for one in costs.by_agent],
    )
    session.add(summary)
    session.flush()


def _cells(session: Session, spec_id: str) -> Sequence[Cell]:
    """Read what each agent's calls cost in each phase."""
    query = (
        select(
            Task.phase,
            CostTotal.agent_id,
            Agent.name,
            cast(func.sum(CostTotal.total_cost), Float()),
            cast(func.sum(CostTotal.total_tokens), BigInteger),
            cast(func.sum(CostTotal.record_count), BigInteger),
        )
        .join(Task, CostTotal.task_id == Task.id)
        .outerjoin(Agent, CostTotal.agent_id == Agent.id)
        .where(CostTotal.record_count > 0)
        .where(Task.spec_id == spec_id)
        .group_by(Task.phase, CostTotal.agent_id, Agent.name)
        .order_by(Task.phase, Agent.name, CostTotal.agent_id)
    )
    return [Cell(*row) for row in session.execute(query)]


def _by_phase(cells: Sequence[Cell]) -> list[PhaseCost]:
    """Sum by phase, in the order in which a spec passes through them; phases of other names come last."""
    phases = _grouped((cell.phase, cell) for cell in cells)
    passed = {phase.value: place for place, phase in enumerate(SpecStatus)}
    ordered = sorted(phases, key=lambda phase: (passed.get(phase, len(passed)), phase))
    return [PhaseCost(phase=phase, **_sums(phases[phase])) for phase in ordered]


def _by_agent(cells: Sequence[Cell]) -> list[AgentCost]:
    """Sum by agent, in the order of their names; costs without an agent come last."""
    agents = _grouped(((cell.agent_id, cell.name), cell) for cell in cells)
    ordered = sorted(agents, key=lambda agent: (agent[1] is None, agent[1] or "", agent[0] or ""))
    return [AgentCost(agent_id=agent_id, name=name, **_sums(agents[agent_id, name])) for agent_id, name in ordered]


def _grouped(keyed: Iterable[tuple[Key, Cell]]) -> dict[Key, list[Cell]]:
    """Put cells of one key together."""
    groups: dict[Key, list[Cell]] = {}
    for key, cell in keyed:
        groups.setdefault(key, []).append(cell)
    return groups


def _sums(cells: Sequence[Cell]) -> Sums:
    """Add cells up."""
    return Sums(
        cost=fsum(cell.cost for cell in cells),
        tokens=sum(cell.tokens for cell in cells),
        records=sum(cell.records for cell in cells),
    )
