"""Documents about what a spec cost."""

from datetime import datetime

from omoi_os.api.schemas.fields import Shown


class PhaseCostShown(Shown):
    """What one phase cost, in US dollars."""

    phase: str
    cost: float
    tokens: int
    records: int


class AgentCostShown(Shown):
    """What one agent's calls cost, in US dollars; without key and name: calls that no agent is known to have made."""

    agent_id: str | None
    name: str | None
    cost: float
    tokens: int
    records: int


class SpecCostsShown(Shown):
    """What a spec has cost so far, in US dollars; both breakdowns add up to the total."""

    spec_id: str
    total_cost: float
    total_tokens: int
    record_count: int
    by_phase: list[PhaseCostShown]
    by_agent: list[AgentCostShown]


class SpecSummaryShown(SpecCostsShown):
    """What a spec had cost when it was completed."""

    completed_at: datetime
