"""A place where agents work: a project with a spec, whose tasks are taken through their lives over HTTP."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from demo.provider import FakeProvider, Response
from omoi_os.config import pricing
from people import Person, Platform

OPENAI = {"provider": "openai", "model": "gpt-4o"}
ANTHROPIC = {"provider": "anthropic", "model": "claude-haiku-4.5"}
STEPS = {"requirements": "start", "design": "approve-requirements", "executing": "approve-design"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """A platform with an organization that has room for many workshops."""

    platform: Platform
    provider: FakeProvider
    database_url: str
    owner: Person
    organization: str

    @classmethod
    def founded(cls, platform: Platform, provider: FakeProvider, database_url: str) -> Self:
        """Found the organization."""
        owner = platform.person()
        organization = owner.make("/organizations", name="Keepers")["id"]
        return cls(
            platform=platform, provider=provider, database_url=database_url, owner=owner, organization=organization
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A project with a spec in draft and one agent, all in the hands of one person."""

    owner: Person
    organization: str
    project: str
    spec: str
    agent: str

    @classmethod
    def opened_by(cls, owner: Person, organization: str) -> Self:
        """Open a workshop in an organization."""
        project = owner.make("/projects", organization_id=organization, name="Lighthouse")["id"]
        spec = owner.make("/specs", project_id=project, title="Lamp")["id"]
        agent = owner.make("/agents", project_id=project, name="Ada", **OPENAI)["id"]
        return cls(owner=owner, organization=organization, project=project, spec=spec, agent=agent)

    def hire(self, name: str, **skill: Any) -> str:
        """Hire another agent."""
        return self.owner.make("/agents", project_id=self.project, name=name, **skill)["id"]

    def task(self, title: str, **fields: Any) -> str:
        """Give the spec a task of its present phase."""
        return self.owner.make(f"/specs/{self.spec}/tasks", title=title, **fields)["id"]

    def advance(self, *, to: str) -> None:
        """Take the spec from phase to phase."""
        for phase, step in STEPS.items():
            self.owner.make(f"/specs/{self.spec}/{step}")
            if phase == to:
                return

    def assign(self, task: str, agent: str | None = None) -> dict[str, Any]:
        """Assign a task, to the first agent unless another is named."""
        return self.owner.make(f"/tasks/{task}/assign", agent_id=agent or self.agent)

    def do(self, task: str, agent: str | None = None) -> None:
        """Take a task from pending to completed."""
        self.assign(task, agent)
        self.owner.make(f"/tasks/{task}/run")
        self.owner.make(f"/tasks/{task}/complete")

    def limit(self, amount: str, *, scope_type: str = "spec") -> int:
        """Set a budget on the spec or its project, in US dollars; returns its key."""
        scope_id = {"spec": self.spec, "project": self.project}[scope_type]
        budget = self.owner.make("/costs/budgets", scope_type=scope_type, scope_id=scope_id, limit_amount=float(amount))
        return budget["id"]

    def budget(self, key: int) -> dict[str, Any]:
        """Read a budget back."""
        (found,) = [budget for budget in self.owner.get("/costs/budgets").json() if budget["id"] == key]
        return found

    def status(self, task: str | None = None) -> str:
        """Read the status of a task, or of the spec."""
        return self.owner.get(f"/tasks/{task}" if task else f"/specs/{self.spec}").json()["status"]

    def records(self, task: str) -> list[dict[str, Any]]:
        """List the costs of a task, the oldest first."""
        return self.owner.get("/costs/records", task_id=task).json()[::-1]


def price(served: Response) -> Decimal:
    """Return what a response costs by the pricing file, in US dollars."""
    listed = pricing.read().price_of(served.provider, served.model)
    return served.prompt_tokens * listed.prompt_token_cost + served.completion_tokens * listed.completion_token_cost
