"""Asks a platform questions in somebody's name, and tells what each answer shows of a scene."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self

import httpx

from harness.errors import CannotTell, PlatformMisbehaved
from harness.observe import certificates, loopback, traces
from harness.observe.filling import Question
from harness.observe.following import Following
from harness.observe.traces import NOTHING, Marks, Seen

ANSWER_SECONDS: Final = 30.0
_LISTEN_SECONDS: Final = 3.0
_MOST_TEXT: Final = 200_000
_SHOWN: Final = 120
_ON_THE_WAY: Final = "and may have been lost on the way to the running platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody was told who asked one question, and who that was; a status of 0 is no answer at all.

    `own` is what it shows of the scene, `beyond` what of limits beyond one project, `foreign` what of another
    organisation.
    """

    who: str
    question: Question
    status: int
    text: str
    own: Seen
    beyond: Seen
    foreign: Seen

    @property
    def secrets(self) -> Seen:
        """What it shows that is nothing to somebody outside."""
        return self.own | self.beyond

    @property
    def granted(self) -> bool:
        """Whether the platform did as asked."""
        return httpx.codes.is_success(self.status)

    @property
    def refused(self) -> bool:
        """Whether the platform said that it does not do as asked."""
        return httpx.codes.is_redirect(self.status) or httpx.codes.is_client_error(self.status)

    @property
    def broken(self) -> bool:
        """Whether the platform did neither: it failed, or gave no answer at all."""
        return not (self.granted or self.refused)

    @property
    def substance(self) -> bool:
        """Whether there is more in it than an empty list or document."""
        return self.text.strip() not in ("", "[]", "{}", "null")

    @property
    def money(self) -> bool:
        """Whether it is an answer in which a number other than zero stands."""
        return self.granted and traces.has_money(self.text)

    def __str__(self) -> str:
        """One line for a report."""
        shown = " ".join(self.text.split())[:_SHOWN]
        return f"{self.question.label} answered {self.who} {self.status or 'nothing'}: {shown}"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Where questions are asked, and how the scene and what is foreign to it are recognised.

    `beyond` are the limits of scopes beyond one project, `spanning` those among them that may be the installation's.
    `deployed` tells that more lies between the platform and us than this machine, and may be what failed.
    """

    url: str
    own: Marks = NOTHING
    beyond: Marks = NOTHING
    spanning: Marks = NOTHING
    foreign: Marks = NOTHING
    deployed: bool = False

    def to_administrators(self) -> "House":
        """The same to somebody who administers another organisation of the installation."""
        return replace(self, beyond=self.beyond.without(self.spanning))


class Doorway:
    """The platform as one person meets it; without a token that is nobody. Use it in a `with`."""

    def __init__(self, house: House, token: str | None, *, who: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A server may drop a kept connection after an error of its own; the next request must not pay for that.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._house = house
        self._who = who
        self._client = httpx.Client(
            base_url=house.url,
            headers=headers,
            timeout=ANSWER_SECONDS,
            limits=limits,
            verify=certificates.trusted(),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def ask(self, question: Question, *, written: str | None = None) -> Told:
        """Ask one question, perhaps with its document written out already; CannotTell when it got lost on the way."""
        try:
            status, text = self._answer(question, _document(question) if written is None else written)
        except httpx.TimeoutException as error:
            raise self._unanswered(question) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._demand_heard(question, error)
            status, text = 0, f"{type(error).__name__} {error}".strip()
        if self._house.deployed and httpx.codes.is_server_error(status):
            raise CannotTell(f"{question.label} was answered {status}, which may be the word of a gateway")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise CannotTell(f"{question.label} was answered 429: the platform wants fewer questions at a time")
        return Told(
            who=self._who,
            question=question,
            status=status,
            text=text,
            own=self._own(question, text),
            beyond=self._house.beyond.in_text(text, given=question.given),
            foreign=self._house.foreign.in_text(text, given=question.given),
        )

    def _own(self, question: Question, text: str) -> Seen:
        """What of the scene is shown; where nobody drew its amounts, others may have the same ones by themselves."""
        seen = self._house.own.in_text(text, given=question.given)
        return seen if question.given or not self._house.deployed else replace(seen, numbers=frozenset())

    def follow(self, question: Question) -> Following | None:
        """Open a stream and go on listening to it, until the caller closes it; nothing when it is refused."""
        try:
            answer = self._client.send(self._request(question, None), stream=True)
        except httpx.TimeoutException as error:
            raise self._unanswered(question) from error
        except httpx.TransportError as error:
            self._demand_heard(question, error)
            return None
        if answer.is_success:
            return Following(answer)
        answer.close()
        return None

    def _demand_heard(self, question: Question, error: Exception) -> None:
        """CannotTell when a failed connection need not be the platform's doing."""
        if self._house.deployed:
            raise CannotTell(f"{question.label} was not answered ({type(error).__name__}) {_ON_THE_WAY}") from error
        if not loopback.answers():
            raise CannotTell(f"{question.label} was not answered, nor was our own server on loopback") from error

    def _unanswered(self, question: Question) -> CannotTell | PlatformMisbehaved:
        what = f"{question.label} was not answered in {ANSWER_SECONDS:.0f} s"
        if self._house.deployed:
            return CannotTell(f"{what} {_ON_THE_WAY}")
        if not loopback.answers():
            return CannotTell(f"{what}, and neither was our own server on loopback: this machine hangs")
        return PlatformMisbehaved(f"{what}, while our own server answers", operation=question.operation.name)

    def _answer(self, question: Question, written: str | None) -> tuple[int, str]:
        answer = self._client.send(self._request(question, written), stream=True)
        try:
            return answer.status_code, self._heard(answer) if question.operation.streams else _whole(answer)
        finally:
            answer.close()

    def _request(self, question: Question, written: str | None) -> httpx.Request:
        return self._client.build_request(
            question.operation.method,
            question.path,
            params=dict[str, str](_query(question.query)),
            headers={**question.headers, **({"Content-Type": "application/json"} if written is not None else {})},
            content=written,
        )

    def _heard(self, stream: httpx.Response) -> str:
        """What a stream tells until it shows the scene or falls silent."""
        text, until = "", time.monotonic() + ANSWER_SECONDS
        # It began in time; from here on silence is what ends it, or signs of life that go on and on.
        stream.request.extensions["timeout"]["read"] = _LISTEN_SECONDS
        try:
            for part in stream.iter_text():
                text += part
                shown = self._house.own.in_text(text).numbers
                if shown or len(text) > _MOST_TEXT or time.monotonic() > until:
                    break
        except httpx.ReadTimeout:
            pass
        return text


def _whole(answer: httpx.Response) -> str:
    """What was answered; a timeout also when it comes, and comes too slowly."""
    text, until = "", time.monotonic() + ANSWER_SECONDS
    for part in answer.iter_text():
        text += part
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer came too slowly")
    return text


def _document(question: Question) -> str | None:
    return None if question.body is None else json.dumps(question.body)


def _query(query: Mapping[str, object]) -> Mapping[str, str]:
    return {name: str(value) for name, value in query.items()}
