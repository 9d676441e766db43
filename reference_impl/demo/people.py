"""People who use a running platform over HTTP."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

import httpx

PASSWORD = "correct horse battery"  # noqa: S105 - it opens nothing but sample data


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token, or nobody without one."""

    http: httpx.Client
    id: str = ""
    token: str = ""

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request below /api/v1 in this person's name; content that is given as text is JSON."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Content-Type": "application/json"} if "content" in options else {}
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

    def person(self, email: str | None = None, name: str | None = None) -> Person:
        """Register somebody new, under any address unless one is given."""
        email = email or f"{uuid4().hex}@example.com"
        shown = self.nobody().make("/auth/register", email=email, password=PASSWORD, full_name=name)
        return Person(self.http, shown["user_id"], shown["access_token"])
