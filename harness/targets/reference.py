"""The reference implementation that lies beside the suite."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter

from harness.journal import Journal
from harness.model import Gap
from harness.observe import planting
from harness.services.databases import connect
from harness.targets import tokens
from harness.targets.http import Answer, Api
from harness.targets.platform import Platform
from harness.targets.terms import Call, Cost, Instance

_API: Final = "/api/v1"
_INSTRUMENT: Final = "driver"
_COST: Final = TypeAdapter(Cost)
_COSTS: Final = TypeAdapter(tuple[Cost, ...])


class Reference:
    """The reference implementation as a target."""

    name: str = "reference"
    gaps: tuple[Gap, ...] = ()
    planting: Mapping[str, Mapping[str, object]] = {}

    def default_source(self, suite: Path) -> Path | None:
        """The folder beside the suite's features."""
        return suite / "reference_impl"

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """A new organisation with its owner, whose token is minted."""
        return ReferenceTenant(instance, journal)


class ReferenceTenant:
    """The owner of one organisation at the reference implementation."""

    def __init__(self, instance: Instance, journal: Journal) -> None:
        self._journal = journal
        self._database = instance.database_url
        self._organization, user = _seed(instance.database_url)
        self._api = Api(instance.url, token=tokens.mint(user, secret=instance.secret))

    def create_project(self, title: str) -> str:
        """Make a project of the organisation."""
        return self._made("/projects", {"organization_id": self._organization, "name": title})

    def create_spec(self, project_id: str, title: str) -> str:
        """Make a specification in a project."""
        return self._made("/specs", {"project_id": project_id, "title": title})

    def create_task(self, spec_id: str, title: str) -> str:
        """Make a task of a specification; the platform opens the spec's ticket by itself."""
        return self._made(f"/specs/{spec_id}/tasks", {"title": title})

    def create_agent(self, project_id: str, name: str) -> str:
        """Make an agent of a project."""
        return self._made("/agents", {"project_id": project_id, "name": name})

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Report a call as an agent would."""
        answer = self._api.post(
            f"{_API}/costs/records",
            {
                "task_id": task_id,
                "agent_id": agent_id,
                "provider": call.provider,
                "model": call.model,
                "prompt_tokens": call.prompt_tokens,
                "completion_tokens": call.completion_tokens,
            },
        )
        cost = self._api.demand(answer).read(_COST)
        self._note(f"a cost of {call.provider}/{call.model} recorded", f"{answer.status} {cost.total_cost} USD")
        return cost

    def costs_of_task(self, task_id: str) -> tuple[Cost, ...]:
        """List a task's costs over the cost routes."""
        answer = self._api.demand(self._api.get(f"{_API}/costs/records", task_id=task_id, limit=1000))
        costs = answer.read(_COSTS)
        self._journal.note(_INSTRUMENT, "costs of a task listed", observed=len(costs), examined=len(costs))
        return costs

    def delete_task(self, task_id: str) -> bool:
        """Ask for a task to be deleted."""
        return self._deletion(self._api.delete(f"{_API}/tasks/{task_id}"), "a task")

    def delete_agent(self, agent_id: str) -> bool:
        """Ask for an agent to be deleted."""
        return self._deletion(self._api.delete(f"{_API}/agents/{agent_id}"), "an agent")

    def adopt_task(self, task_id: str) -> None:
        """Move the planted task's project into the organisation."""
        with connect(self._database) as connection:
            connection.execute(
                "UPDATE projects SET organization_id = %s FROM tickets JOIN tasks ON tasks.ticket_id = tickets.id "
                "WHERE projects.id = tickets.project_id AND tasks.id = %s",
                (self._organization, task_id),
            )

    def description(self) -> Mapping[str, object]:
        """Fetch the published description."""
        answer = self._api.demand(self._api.get("/openapi.json"))
        self._note("API description published", f"{answer.status}")
        return answer.fields()

    def close(self) -> None:
        """Give up the connections."""
        self._api.close()

    def _made(self, path: str, body: Mapping[str, object]) -> str:
        return self._api.post(f"{_API}{path}", body).made()

    def _deletion(self, answer: Answer, what: str) -> bool:
        words = f"{answer.status} {' '.join(answer.text.split())[:200]}".strip()
        self._note(f"deletion of {what} with costs asked for", words)
        return answer.deletion()

    def _note(self, claim: str, observed: str) -> None:
        self._journal.note(_INSTRUMENT, claim, observed=observed, examined=1)


def _seed(database_url: str) -> tuple[str, str]:
    """Plant an organisation and its owner, whatever else their tables may demand by now."""
    with connect(database_url) as connection:
        organization = str(planting.plant(connection, "organizations"))
        user = str(planting.plant(connection, "users", {"email": f"{uuid4().hex}@tenant.example"}))
        role = {"organization_id": organization, "user_id": user, "role": "owner"}
        planting.plant(connection, "organization_memberships", role)
    return organization, user


driver = Reference()
