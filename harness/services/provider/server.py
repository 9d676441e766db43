"""The stub's HTTP: a thread for each connection on loopback, which notices when a client leaves."""

import json
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final, cast

from harness.errors import CannotTell
from harness.services.loopback import LOOPBACK
from harness.services.provider import embeddings, remote
from harness.services.provider.anthropic_wire import AnthropicWire
from harness.services.provider.book import Book
from harness.services.provider.interface import Document, Refused, Spoken, Wire
from harness.services.provider.openai_wire import OpenAiWire
from harness.services.provider.remote import Desk

WIRES: Final[tuple[Wire, ...]] = (OpenAiWire(), AnthropicWire())
_LARGEST_BODY: Final = 16 * 2**20
_LOOK_SECONDS: Final = 0.02
_HOLD_SECONDS: Final = 60.0
_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream; charset=utf-8"


class ClientLeft(Exception):
    """The client closed its connection before the response was whole."""


class StubServer(ThreadingHTTPServer):
    """Serves what the book plans, after `delay_seconds`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, book: Book, *, at: tuple[str, int] = (LOOPBACK, 0), desk: Desk | None = None) -> None:
        """`desk` lets whoever holds its key use the book from elsewhere."""
        super().__init__(at, _Conversation)
        self.book = book
        self.desk = desk
        self.delay_seconds = 0.0
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(_LOOK_SECONDS,), daemon=True, name="provider stub").start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember a connection, so that none outlives the server."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Stop listening and end every conversation."""
        self.shutdown()
        self.server_close()
        with self._guard:
            left = tuple(self._open)
        for connection in left:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that break off; what they were not served stays out of the book."""


class _Conversation(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "provider-stub"
    disable_nagle_algorithm: ClassVar[bool] = True

    def do_POST(self) -> None:
        desk = cast("StubServer", self.server).desk
        if desk is not None and self.path == remote.PATH:
            self._serve_owner(desk)
            return
        wire = _wire(self.path)
        try:
            if self.path == embeddings.PATH:
                self._send(HTTPStatus.OK, json.dumps(embeddings.answer(self._document())).encode())
            else:
                self._answer(wire)
        except Refused as refused:
            self._send(refused.status, json.dumps(wire.refusal(refused)).encode())
        except (ClientLeft, OSError):
            self.close_connection = True

    def do_GET(self) -> None:
        refused = Refused(404, f"there is no GET {self.path} here")
        self._send(refused.status, json.dumps(_wire(self.path).refusal(refused)).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library names it so
        """Keep quiet: the book tells what was served."""

    def _serve_owner(self, desk: Desk) -> None:
        """Do what whoever runs us asks, who is told from whoever only speaks to the provider by a key."""
        asked = self._document()
        if not desk.holds_key(self.headers.get(remote.KEY)):
            self._send(HTTPStatus.NOT_FOUND, b"{}")
            return
        try:
            if asked["verb"] == "delay":
                value = cast("StubServer", self.server).delay_seconds = asked["words"]["seconds"]
            else:
                value = desk.carry_out(asked["verb"], asked["words"])
            self._send(HTTPStatus.OK, json.dumps({"value": value}).encode())
        except CannotTell as error:
            self._send(HTTPStatus.CONFLICT, json.dumps({"message": error.message}).encode())

    def _answer(self, wire: Wire) -> None:
        document = self._document()
        if self.path.partition("?")[0] != wire.path:
            raise Refused(404, f"there is no POST {self.path} here")
        asked = wire.read(document, {name.lower(): value for name, value in self.headers.items()})
        server = cast("StubServer", self.server)
        spoken, whole = server.book.begin(asked), False
        try:
            self._await_leave(server.book, spoken)
            self._speak(wire, spoken, seconds=server.delay_seconds)
            whole = True
        finally:
            server.book.end(spoken, whole=whole)

    def _speak(self, wire: Wire, spoken: Spoken, *, seconds: float) -> None:
        self._await(spoken.after_seconds)
        if spoken.asked.streamed:
            self._stream(tuple(wire.events(spoken)), seconds=seconds)
            return
        body = json.dumps(wire.whole(spoken)).encode()
        self._await(seconds)
        self._send(200, body)

    def _document(self) -> Document:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= _LARGEST_BODY:
            self.close_connection = True
            raise Refused(400, "a request needs a body of a stated and reasonable length")
        try:
            document: object = json.loads(self.rfile.read(length))
        except ValueError as error:
            raise Refused(400, "the body of the request is no JSON") from error
        if not isinstance(document, dict):
            raise Refused(400, "the body of the request is no object")
        return cast("Document", document)

    def _send(self, status: int, body: bytes) -> None:
        self._head(status, _JSON, ("Content-Length", str(len(body))))
        self.wfile.write(body)

    def _stream(self, events: Sequence[bytes], *, seconds: float) -> None:
        self._head(200, _EVENTS, ("Transfer-Encoding", "chunked"))
        chunks = [b"%x\r\n%s\r\n" % (len(event), event) for event in events]
        # The end goes out with the last event: a client may hang up as soon as it has read that one.
        chunks[-1] += b"0\r\n\r\n"
        for chunk in chunks:
            self._await(seconds / len(chunks))
            self.wfile.write(chunk)

    def _head(self, status: int, kind: str, length: tuple[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header(*length)
        if status == 429 or status >= 500:
            self.send_header("retry-after-ms", "10")
        self.end_headers()

    def _await(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self._look()
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
            self._look()

    def _await_leave(self, book: Book, spoken: Spoken) -> None:
        """Wait while the response is kept back, though never so long that whoever asked may give up."""
        until = time.monotonic() + _HOLD_SECONDS
        while book.holds(spoken.marker) and time.monotonic() < until:
            self._await(_LOOK_SECONDS)

    def _look(self) -> None:
        """Raise ClientLeft when the other end has hung up."""
        try:
            gone = self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return
        except OSError as error:
            raise ClientLeft from error
        if gone:
            raise ClientLeft


def _wire(path: str) -> Wire:
    """The protocol that a path belongs to; whoever asks for something unknown is answered as OpenAI would."""
    return next((wire for wire in WIRES if path.startswith(wire.path)), WIRES[0])
