"""A witness of the bus: what a subscriber of our own receives there, the platform's word aside."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from harness.errors import CannotTell, DidNotCome
from harness.redaction import redact
from harness.services.bus_client import BusClient, BusError, Subscription

CHANNEL = "bus"
PATTERN = "events.*"
CANARY = "events.conform.canary"
SUBSCRIBE_SECONDS = 10.0
AWAIT_SECONDS = 30.0
CANARY_SECONDS = 5.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it was received: its channel, its text, and the monotonic second of its arrival."""

    channel: str
    text: str
    at: float


class BusListener:
    """Collects every message on matching channels from the moment it was made until it is closed."""

    def __init__(self, url: str, pattern: str = PATTERN) -> None:
        self._messages: list[Message] = []
        self._arrived = threading.Condition()
        self._closing = threading.Event()
        self._client = BusClient(url)
        self._subscription = self._subscribe(pattern)
        self._thread = threading.Thread(target=self._collect, daemon=True, name="bus listener")
        self._thread.start()

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything received so far, in order."""
        with self._arrived:
            return tuple(self._messages)

    def await_message(
        self, predicate: Callable[[Message], bool], deadline: float = AWAIT_SECONDS, *, after: int = 0
    ) -> Message:
        """The first message, past (but after so many) or to come, that the predicate accepts.

        DidNotCome when there was none for `deadline` seconds.
        """
        until = time.monotonic() + deadline
        seen = after
        while fresh := self._await_more(seen, until):
            for message in fresh:
                if predicate(message):
                    return message
            seen += len(fresh)
        others = f"{seen - after} others did"
        raise DidNotCome(f"the awaited message did not come in {deadline:g} s; {others}", channel=CHANNEL)

    def close(self) -> None:
        """Stop listening and let the connection go."""
        self._closing.set()
        self._thread.join(2.0)
        self._subscription.close()
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _subscribe(self, pattern: str) -> Subscription:
        """Subscribe and wait for the server's confirmation, so that no message after it can be missed."""
        try:
            subscription = self._client.subscribe(pattern)
            confirmation = subscription.receive(SUBSCRIBE_SECONDS)
        except BusError as error:
            self._client.close()
            raise CannotTell("our own subscriber could not listen", causes=(redact(str(error)),)) from error
        if confirmation is None:
            raise CannotTell("our own subscriber could not listen", causes=("the server did not confirm it",))
        return subscription

    def _collect(self) -> None:
        while not self._closing.is_set():
            try:
                delivery = self._subscription.receive(POLL_SECONDS)
            except (BusError, OSError, ValueError):
                # The server is away; the subscription is renewed as soon as it is back.
                self._closing.wait(POLL_SECONDS)
                continue
            if delivery and delivery.kind == "pmessage":
                self._take(Message(channel=delivery.channel, text=delivery.text, at=time.monotonic()))

    def _await_more(self, seen: int, until: float) -> list[Message]:
        """Messages after the first `seen` ones; none when no more came until then."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self._messages) > seen, max(0.0, until - time.monotonic()))
            return self._messages[seen:]

    def _take(self, message: Message) -> None:
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()


def canary(url: str) -> bool:
    """Whether a message of ours is seen by a subscriber of ours."""
    token = secrets.token_hex(8)
    try:
        with BusListener(url) as listener, BusClient(url) as client:
            client.publish(CANARY, token)
            listener.await_message(lambda message: message.text == token, CANARY_SECONDS)
    except (BusError, CannotTell, DidNotCome):
        return False
    return True
