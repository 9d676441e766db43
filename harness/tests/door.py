"""A tiny service about money, with a description of itself, that leaves open the doors it is told to.

It knows the persons `member`, `owner` and `stranger` by tokens of these names, one task that cost something, and one
budget. Its rows are in a real database, where whoever asks may look for what became of them.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from harness.services.databases import connect

TASK: Final = "3f0c9a4e-task"
COST: Final = 12.345678
LIMIT: Final = 98765.432
SCHEMA: Final = """
CREATE TABLE budgets (id int PRIMARY KEY, scope_type text, scope_id text, limit_amount float, spent_amount float);
CREATE TABLE cost_records (id serial, task_id text, total_tokens int, total_cost float);
"""
_TASK_ID: Final = {"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}
_BUDGET_ID: Final = {"name": "budget_id", "in": "path", "required": True, "schema": {"type": "integer"}}
_FILTER: Final = {"name": "task_id", "in": "query", "schema": {"type": "string"}}
_ANSWER: Final = {"responses": {"200": {"description": "done"}}}


def _taking(**fields: str) -> dict[str, Any]:
    properties = {name: {"type": kind} for name, kind in fields.items()}
    schema = {"type": "object", "required": list(fields), "properties": properties}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, **_ANSWER}


DESCRIPTION: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "paths": {
        "/costs": {"get": {"parameters": [_FILTER], **_ANSWER}},
        "/tasks/{task_id}/costs": {
            "parameters": [_TASK_ID],
            "get": _ANSWER,
            "post": _taking(total_tokens="integer"),
        },
        "/budgets/{budget_id}": {
            "parameters": [_BUDGET_ID],
            "put": _taking(limit_amount="number"),
            "delete": _ANSWER,
        },
        "/tasks/{task_id}/notes": {"parameters": [_TASK_ID], "post": _taking(words="string")},
    },
}


class _Door(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """Show costs."""
        who = self._who()
        shown = [{"task_id": TASK, "total_cost": COST}]
        address = urlsplit(self.path)
        if who is None and not self._has("open-to-all"):
            self._say(401)
        elif address.path == "/costs":
            filtered = "task_id" in parse_qs(address.query)
            theirs = who != "stranger" or (self._has("unfiltered-for-all") and not filtered)
            self._say(200, shown if theirs else [])
        elif who == "stranger" and not self._has("guessed-id"):
            self._say(500 if self._has("breaks-for-strangers") else 404)
        else:
            self._say(200, [] if who == "member" and self._has("hides-from-members") else shown)

    def do_POST(self) -> None:
        """Record a cost, or write a note."""
        asked = self._asked()
        if self.path.endswith("/notes"):
            if self._has("side-field") and "budget_limit" in asked:
                self._run("UPDATE budgets SET limit_amount = %s", asked["budget_limit"])
            self._say(200 if self._who() else 401)
        elif self._who() in ("member", "owner") or self._has("records-for-all"):
            self._run("INSERT INTO cost_records (task_id, total_tokens, total_cost) VALUES (%s, 5, 1)", TASK)
            self._say(200)
        else:
            self._say(403)

    def do_PUT(self) -> None:
        """Set a limit."""
        limit = float(self._asked()["limit_amount"])
        if self._who() != "owner" and not (self._who() == "member" and self._has("members-set-limits")):
            self._say(403)
        elif not (0 <= limit < float("inf")) and not self._has("any-number"):
            self._say(500 if self._has("breaks-on-no-number") else 422)
        else:
            self._run("UPDATE budgets SET limit_amount = %s", limit)
            self._say(200)

    def do_DELETE(self) -> None:
        """Remove a limit, or say so."""
        if self._who() == "owner" and not self._has("says-deleted"):
            self._run("DELETE FROM budgets WHERE limit_amount <> %s", -1)
        self._say(204 if self._who() == "owner" else 403)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library calls it so
        """Say nothing."""

    def _has(self, defect: str) -> bool:
        return defect in cast("_Service", self.server).defects

    def _who(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return token if token in ("member", "owner", "stranger") else None

    def _asked(self) -> dict[str, Any]:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")

    def _run(self, statement: str, value: object) -> None:
        with connect(cast("_Service", self.server).database_url) as connection:
            connection.execute(statement.encode(), (value,))

    def _say(self, status: int, document: object = None) -> None:
        body = b"" if status == 204 else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Service(ThreadingHTTPServer):
    def __init__(self, database_url: str, defects: tuple[str, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.database_url = database_url
        self.defects = defects


@contextmanager
def opened(database_url: str, *defects: str) -> Generator[str]:
    """Serve with these defects on a database that holds its one budget; gives the address."""
    with connect(database_url) as connection:
        connection.execute("DROP TABLE IF EXISTS budgets, cost_records")
        connection.execute(SCHEMA.encode())
        connection.execute("INSERT INTO budgets VALUES (7, 'project', 'p', %s, 3)", (LIMIT,))
    with _Service(database_url, defects) as service:
        thread = Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{service.server_port}"
        finally:
            service.shutdown()
            thread.join()
