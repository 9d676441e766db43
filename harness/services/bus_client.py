"""Our own client of the bus: one place fixes the protocol it speaks and gives what it says a type."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# redis-py leaves its options and answers partly untyped; no other file sees them.

from dataclasses import dataclass
from typing import Self

import redis

# The client's newest default (RESP3) makes it ask for notifications that Redis 7.2 does not know.
PROTOCOL = 2
ANSWER_SECONDS = 10.0
BusError = redis.RedisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came over a subscription: `kind` is `pmessage`, or `psubscribe` for the server's confirmation."""

    kind: str
    channel: str
    text: str


class Subscription:
    """What one subscriber receives; after a lost connection it subscribes again by itself."""

    def __init__(self, client: redis.Redis, pattern: str) -> None:
        self._pubsub = client.pubsub()
        self._pubsub.psubscribe(pattern)

    def receive(self, seconds: float) -> Delivery | None:
        """The next delivery; None when nothing came in so many seconds. Raises BusError when the server is away."""
        received = self._pubsub.get_message(timeout=seconds)
        if not received:
            return None
        return Delivery(kind=str(received["type"]), channel=str(received["channel"]), text=str(received["data"]))

    def close(self) -> None:
        """Let the connection go."""
        self._pubsub.close()


class BusClient:
    """A lazy client for one URL: nothing is connected before the first use, which may raise BusError."""

    def __init__(self, url: str, *, name: str | None = None) -> None:
        self._client = redis.Redis.from_url(
            url,
            client_name=name,
            protocol=PROTOCOL,
            decode_responses=True,
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
        )

    def version(self) -> str:
        """What the server calls itself, such as `Valkey 9.1.2`."""
        stated = self._client.info("server")
        name = "Valkey" if "valkey_version" in stated else "Redis"
        return f"{name} {stated.get('valkey_version', stated['redis_version'])}"

    def size(self) -> int:
        """How many keys the database holds."""
        return int(self._client.dbsize())

    def value(self, key: str) -> str:
        """What a key holds; nothing where it is not there."""
        return str(self._client.get(key) or "")

    def claim(self, key: str, value: str) -> bool:
        """Set a key that nobody has set; false where somebody has."""
        return bool(self._client.set(key, value, nx=True))

    def remove(self, *, keep: str = "") -> None:
        """Remove the keys of the database one by one, but for the one to be kept."""
        for key in self._client.scan_iter(count=1000):
            if key != keep:
                self._client.unlink(key)

    def subscriptions(self) -> tuple[str, ...]:
        """What anybody listens to: the names of channels, and how many patterns."""
        patterns = int(self._client.pubsub_numpat())
        channels = tuple(map(str, self._client.pubsub_channels()))
        return (*channels, f"{patterns} patterns") if patterns else channels

    def names(self) -> frozenset[str]:
        """How those who are connected call themselves."""
        return frozenset(str(one["name"]) for one in self._client.client_list())

    def publish(self, channel: str, text: str) -> int:
        """Send a message; returns how many subscribers were there."""
        return int(self._client.publish(channel, text))

    def subscribe(self, pattern: str) -> Subscription:
        """Ask for every message on channels that match; the server's confirmation is the first delivery."""
        return Subscription(self._client, pattern)

    def close(self) -> None:
        """Let all connections go."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
