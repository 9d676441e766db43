"""Work that people of a test have, and the names under which tests know those people."""

from dataclasses import dataclass
from typing import Any

from demo.people import PASSWORD, Person, Platform

__all__ = ["PASSWORD", "Person", "Platform", "Work", "call_of", "start_work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A project with something to spend money on."""

    organization: str
    project: str
    spec: str
    ticket: str
    task: str
    agent: str


def start_work(owner: Person, organization: str) -> Work:
    """Start a project with a spec, a task and an agent."""
    project = owner.make("/projects", organization_id=organization, name="Lighthouse")["id"]
    spec = owner.make("/specs", project_id=project, title="Lamp")["id"]
    task = owner.make(f"/specs/{spec}/tasks", title="Draw the lamp", phase="design")
    agent = owner.make("/agents", project_id=project, name="Ada")["id"]
    return Work(
        organization=organization,
        project=project,
        spec=spec,
        ticket=task["ticket_id"],
        task=task["id"],
        agent=agent,
    )


def call_of(task: str, **changes: Any) -> dict[str, Any]:
    """Return the document of one call: 1000 prompt and 200 completion tokens of gpt-4o, 0.0045 US dollars."""
    call = {"task_id": task, "provider": "openai", "model": "gpt-4o", "prompt_tokens": 1000, "completion_tokens": 200}
    return call | changes
