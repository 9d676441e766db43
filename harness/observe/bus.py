"""A witness of the bus: what a subscriber of our own receives there, the platform's word aside."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import redis

from harness.errors import CannotTell, DidNotCome
from harness.services import bus_client
from harness.services.log import redact

CHANNEL = "bus"
PATTERN = "events.*"
CANARY = "events.conform.canary"
SUBSCRIBE_SECONDS = 10.0
AWAIT_SECONDS = 30.0
CANARY_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it was received: its channel, its text, and the monotonic second of its arrival."""

    channel: str
    text: str
    at: float


class BusListener:
    """Collects every message on `events.*` from the moment it was made until it is closed."""

    def __init__(self, url: str) -> None:
        self._messages: list[Message] = []
        self._arrived = threading.Condition()
        self._closing = threading.Event()
        self._client = bus_client.connect(url)
        self._subscription = self._client.pubsub()
        self._subscribe()
        self._thread = threading.Thread(target=self._collect, daemon=True, name="bus listener")
        self._thread.start()

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything received so far, in order."""
        with self._arrived:
            return tuple(self._messages)

    def await_message(self, predicate: Callable[[Message], bool], deadline: float = AWAIT_SECONDS) -> Message:
        """The first message, past or to come, that the predicate accepts; DidNotCome after `deadline` seconds."""
        found: list[Message] = []

        def accepted() -> bool:
            found.extend(message for message in self._messages if predicate(message))
            return bool(found)

        with self._arrived:
            if self._arrived.wait_for(accepted, deadline):
                return found[0]
            seen = len(self._messages)
        raise DidNotCome(f"the awaited message did not come in {deadline:g} s; {seen} others did", channel=CHANNEL)

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

    def _subscribe(self) -> None:
        """Wait for the server's confirmation, so that no message after it can be missed."""
        deadline = time.monotonic() + SUBSCRIBE_SECONDS
        try:
            self._subscription.psubscribe(PATTERN)
            while time.monotonic() < deadline:
                confirmation = self._subscription.get_message(timeout=0.5)
                if confirmation and confirmation["type"] == "psubscribe":
                    return
        except redis.RedisError as error:
            self._client.close()
            raise CannotTell("our own subscriber could not listen", causes=(redact(str(error)),)) from error
        raise CannotTell("our own subscriber could not listen", causes=("the server did not confirm it",))

    def _collect(self) -> None:
        while not self._closing.is_set():
            try:
                received = self._subscription.get_message(ignore_subscribe_messages=True, timeout=0.1)
            except (redis.RedisError, OSError, ValueError):
                # The server is away; the client subscribes again by itself when it is back.
                self._closing.wait(0.1)
                continue
            if received:
                self._take(Message(channel=received["channel"], text=received["data"], at=time.monotonic()))

    def _take(self, message: Message) -> None:
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()


def canary(url: str) -> bool:
    """Whether a message of ours is seen by a subscriber of ours."""
    token = secrets.token_hex(8)
    try:
        with BusListener(url) as listener, bus_client.connect(url) as client:
            client.publish(CANARY, token)
            listener.await_message(lambda message: message.text == token, CANARY_SECONDS)
    except (redis.RedisError, CannotTell, DidNotCome):
        return False
    return True
