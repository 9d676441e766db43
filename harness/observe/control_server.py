"""A small server of our own that does as much for a request as a platform must: it reads, writes and commits.

Run as a program of its own, with a port; it stands beside a platform on the same machine and the same PostgreSQL, so
that whatever disturbs the one disturbs the other. A request may ask it to be slow.
"""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

from psycopg import Connection

from harness.services.databases import connect
from harness.services.port import LOOPBACK

DATABASE: Final = "CONFORM_CONTROL_DATABASE"
PATH: Final = "/work"
READY: Final = "the control listens"
_ROWS: Final = 10_000
_TABLE: Final = "CREATE TABLE IF NOT EXISTS work (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, amount float)"
_FILL: Final = "INSERT INTO work (amount) SELECT number FROM generate_series(1, %s) AS number"


class ControlServer(HTTPServer):
    """Serves one client, in one thread, on one database connection."""

    def __init__(self, port: int, connection: Connection) -> None:
        super().__init__((LOOPBACK, port), _Conversation)
        self._connection = connection
        connection.execute(_TABLE)
        connection.execute(_FILL, (_ROWS,))

    def work(self) -> None:
        """Look something up, store a row, change another, and have it last."""
        with self._connection.transaction():
            self._connection.execute("SELECT amount FROM work WHERE id = %s", (_ROWS,))
            self._connection.execute("INSERT INTO work (amount) VALUES (0) RETURNING id")
            self._connection.execute("UPDATE work SET amount = amount + 1 WHERE id = %s", (_ROWS // 2,))


class _Conversation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body of an answer leave together: apart they would wait for one another.
    wbufsize = -1

    def do_GET(self) -> None:
        """Work, at first waiting for as many milliseconds as the request names."""
        time.sleep(float(self.path.rpartition("=")[2] or 0) / 1000)
        if isinstance(self.server, ControlServer):
            self.server.work()
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - so the base class calls it
        """Keep quiet: nobody reads it."""


if __name__ == "__main__":
    server = ControlServer(int(sys.argv[1]), connect(os.environ[DATABASE]))
    print(READY, flush=True)  # noqa: T201 - that is how its owner knows
    server.serve_forever()
