"""Whoever lets go of a connection kept for a stopwatch is not blamed, and our own server's trouble is ours."""

import socket
import struct
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from typing import Final

import pytest

from fixtures.timing import clocked_control
from harness.errors import CannotTell, PlatformMisbehaved
from harness.services.port import kept_port
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace
from harness.targets.http import Api
from harness.targets.terms import Stopwatch

ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
# Answers three requests, and is gone in the middle of the fourth.
MORTAL: Final = """
import http.server, os, sys
class Conversation(http.server.BaseHTTPRequestHandler):
    protocol_version, left = "HTTP/1.1", 3
    def do_GET(self):
        if not Conversation.left:
            os._exit(1)
        Conversation.left -= 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Conversation)
print("ready", flush=True)
server.serve_forever()
"""


@contextmanager
def server(answered: Sequence[int]) -> Generator[str]:
    """Answer so many requests on each connection, then reset it at the next one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, answered), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _serve(listener: socket.socket, answered: Sequence[int]) -> None:
    for requests in answered:
        connection, _ = listener.accept()
        with connection:
            for _ in range(requests):
                connection.recv(4096)
                connection.sendall(ANSWER)
            connection.recv(4096)
            # Closed with no time to linger, a connection is reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_kept_connection_that_is_reset_is_nobodys_fault() -> None:
    """As long as the platform answers over another one."""
    with server((1, 1)) as url, closing(Api(url, stopwatch=Stopwatch())) as api:
        assert api.get("/one").accepted
        with pytest.raises(CannotTell, match=r"ReadError.*let go of it"):
            api.get("/two")


def test_a_first_connection_that_is_reset_is_the_platforms_fault() -> None:
    """It was not kept for anything."""
    with (
        server((0,)) as url,
        closing(Api(url, stopwatch=Stopwatch())) as api,
        pytest.raises(PlatformMisbehaved, match="ReadError"),
    ):
        api.get("/one")


def test_a_control_that_dies_midway_tells_nothing_of_a_platform() -> None:
    """Neither the call in which it dies nor any later one."""
    with Workspace.open() as workspace, kept_port() as port:
        argv = (sys.executable, "-c", MORTAL, str(port))
        program = Program.start(Launch(argv=argv, cwd=workspace.folder, env={}), workspace)
        assert program.await_words("ready", 60.0)
        with clocked_control(f"http://127.0.0.1:{port}") as control:
            assert all(took > 0 for took in (control.plain(), control.slow(0), control.plain()))
            for call in (control.plain, lambda: control.slow(60)):
                with pytest.raises(CannotTell, match="our own server beside the platform"):
                    call()
