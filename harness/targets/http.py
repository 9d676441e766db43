"""HTTP as a driver speaks it: every answer that is not the promised one is said in one line with its operation."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import httpx
from httpx import codes
from pydantic import TypeAdapter, ValidationError

from harness.errors import (
    CannotTell,
    PlatformFailed,
    PlatformKeptSilent,
    PlatformMisbehaved,
    PlatformOffersNone,
    PlatformRefused,
)
from harness.observe import certificates, loopback
from harness.targets.terms import Key, Stopwatch

ANSWER_SECONDS: Final = 30.0
_SHOWN: Final = 300
# The last two are also said of a scope that the platform does not know.
_OFFERS_NONE: Final = frozenset(
    {
        codes.NOT_FOUND,
        codes.METHOD_NOT_ALLOWED,
        codes.NOT_IMPLEMENTED,
        codes.BAD_REQUEST,
        codes.UNPROCESSABLE_ENTITY,
    }
)
# What whoever uses a connection meets when the other side has let go of it.
_LET_GO: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
_OBJECT: Final = TypeAdapter(dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    id: Key


_MADE: Final = TypeAdapter(_Made)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one request: the status code and the decoded body (None when it is no JSON)."""

    operation: str
    status: int
    body: object
    text: str

    @property
    def accepted(self) -> bool:
        """Whether the platform says that it did what it was asked."""
        return codes.is_success(self.status)

    @property
    def broken(self) -> bool:
        """Whether the platform says that it failed."""
        return codes.is_server_error(self.status)

    def fields(self) -> Mapping[str, object]:
        """The body as an object, or PlatformMisbehaved."""
        return self.read(_OBJECT)

    def read(self, shape: TypeAdapter[T]) -> T:
        """The body in a shape, or PlatformMisbehaved with the first thing that is missing or of another type."""
        try:
            return shape.validate_python(self.body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise self.unlike(f"an answer whose {where or 'body'} is right ({first['msg'].lower()})") from error

    def deletion(self) -> bool:
        """Whether a deletion was taken or refused (true), or is not offered in working order (false).

        CannotTell when we were not let in, since then nothing was asked.
        """
        if self.status in (codes.UNAUTHORIZED, codes.FORBIDDEN):
            raise CannotTell(f"{self.operation} answered {self.status}, so nothing was asked to be deleted")
        missing = self.status in (codes.NOT_FOUND, codes.METHOD_NOT_ALLOWED)
        return not (missing or codes.is_server_error(self.status))

    def made(self) -> str:
        """The id of what was made, or PlatformMisbehaved."""
        if not self.accepted:
            raise self.unlike("success")
        return self.read(_MADE).id

    def unlike(self, wanted: str) -> PlatformMisbehaved:
        """The error that says what was wanted and what came instead."""
        shown = " ".join(self.text.split())[:_SHOWN]
        message = f"{self.operation} answered {self.status} where {wanted} is due: {shown}"
        if self.status in _OFFERS_NONE:
            return PlatformOffersNone(message, operation=self.operation)
        if self.broken:
            return PlatformFailed(message, operation=self.operation)
        kind = PlatformRefused if codes.is_client_error(self.status) else PlatformMisbehaved
        return kind(message, operation=self.operation)


class Api:
    """A client of one person at one platform instance; under a stopwatch it keeps its connection between requests."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout: float = ANSWER_SECONDS, stopwatch: Stopwatch | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A server may drop a kept connection after an error of its own; the next request must not pay for that.
        limits = httpx.Limits(max_keepalive_connections=0 if stopwatch is None else 1)
        self._client = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=timeout,
            limits=limits,
            verify=certificates.trusted(),
            trust_env=False,
        )
        self._stopwatch = stopwatch
        self._kept = False

    def get(self, path: str, **params: str | int) -> Answer:
        """Ask for something."""
        return self._send(path, self._client.build_request("GET", path, params=params))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Have something made or done."""
        return self._send(path, self._client.build_request("POST", path, json=body))

    def put(self, path: str, body: Mapping[str, object]) -> Answer:
        """Have something stand as it is said."""
        return self._send(path, self._client.build_request("PUT", path, json=body))

    def patch(self, path: str, body: Mapping[str, object]) -> Answer:
        """Have something changed."""
        return self._send(path, self._client.build_request("PATCH", path, json=body))

    def delete(self, path: str) -> Answer:
        """Have something removed."""
        return self._send(path, self._client.build_request("DELETE", path))

    def demand(self, answer: Answer) -> Answer:
        """Give an answer back if the platform did as asked, else PlatformMisbehaved."""
        if not answer.accepted:
            raise answer.unlike("success")
        return answer

    def close(self) -> None:
        """Give up the connections."""
        self._client.close()

    def _send(self, path: str, request: httpx.Request) -> Answer:
        operation = f"{request.method} {path}"
        begun = time.perf_counter_ns()
        try:
            response = self._client.send(request)
            elapsed = time.perf_counter_ns() - begun
        except httpx.TransportError as error:
            raise self._unanswered(operation, error) from error
        except httpx.DecodingError as error:
            message = f"{operation} answered what nobody can decode: {error}"
            raise PlatformMisbehaved(message, operation=operation) from error
        if self._stopwatch is not None:
            self._stopwatch.add(elapsed)
            self._kept = True
        return Answer(operation=operation, status=response.status_code, body=_decoded(response), text=response.text)

    def _unanswered(self, operation: str, error: httpx.TransportError) -> CannotTell | PlatformMisbehaved:
        what = f"{operation} was not answered ({type(error).__name__})"
        if not loopback.answers():
            return CannotTell(f"{what}, and neither was our own server on loopback: this machine hangs")
        if self._kept and isinstance(error, _LET_GO) and self._still_there():
            # Any server may end a kept connection at the very moment when it is used again.
            return CannotTell(f"{what}: the connection was kept for it, and the platform let go of it")
        kind = PlatformKeptSilent if isinstance(error, httpx.TimeoutException) else PlatformMisbehaved
        return kind(f"{what}, while our own server on loopback answers", operation=operation)

    def _still_there(self) -> bool:
        try:
            self._client.get("/openapi.json")
        except httpx.TransportError:
            return False
        return True


def _decoded(response: httpx.Response) -> object:
    try:
        return cast("object", response.json())
    except (ValueError, RecursionError):
        return None
