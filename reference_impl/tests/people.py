"""People who use a running platform over HTTP."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import httpx

PASSWORD = "correct horse battery"  # noqa: S105 - it opens nothing but the tests


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token, or nobody without one."""

    http: httpx.Client
    id: str = ""
    token: str = ""

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request below /api/v1 in this person's name."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Read something."""
        return self.ask("GET", path, params=parameters)

    def post(self, path: str, **document: Any) -> httpx.Response:
        """Send a document."""
        return self.ask("POST", path, json=document)

    def make(self, path: str, **document: Any) -> dict[str, Any]:
        """Send a document that must be accepted; returns what it made."""
        answered = self.post(path, **document)
        assert answered.is_success, answered.text
        return answered.json()


class Platform:
    """A running platform and the ways into it."""

    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def nobody(self) -> Person:
        """Return somebody who is not logged in."""
        return Person(self.http)

    def person(self) -> Person:
        """Register somebody new."""
        shown = self.nobody().make("/auth/register", email=f"{uuid4().hex}@example.com", password=PASSWORD)
        return Person(self.http, shown["user_id"], shown["access_token"])


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
