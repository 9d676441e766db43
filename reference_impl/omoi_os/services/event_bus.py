"""The event bus: facts told on Redis, to those who listen and to those who come later."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from omoi_os.models.base import new_id, utc_now

STREAM: Final = "events"
# How many events the stream keeps, roughly, for those who were away.
KEPT: Final = 100_000
PATIENCE_SECONDS: Final = 3.0


class BusAway(Exception):
    """Redis did not take what it was given; it may or may not have seen it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to something; its id stays the same however often it is delivered."""

    event_type: str
    entity_type: str
    entity_id: str
    payload: dict[str, Any]
    event_id: str = field(default_factory=new_id)
    occurred_at: datetime = field(default_factory=utc_now)

    @property
    def channel(self) -> str:
        """Name the channel that carries events of this type."""
        return f"events.{self.event_type}"

    @property
    def document(self) -> str:
        """The event as JSON."""
        return json.dumps({**asdict(self), "occurred_at": self.occurred_at.isoformat()})


class EventBusService:
    """Appends events to a stream and publishes each on the channel of its type."""

    def __init__(self, redis_url: str) -> None:
        # The relay comes back by itself, so that one short try is enough; the old protocol suits every server.
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
            redis_url,
            protocol=2,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def publish(self, events: Sequence[Event]) -> None:
        """Deliver events in their order, all or none of them; raises BusAway."""
        with self._redis.pipeline(transaction=True) as batch:  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
            for event in events:
                entry: Any = {"event_id": event.event_id, "event": event.document}
                batch.xadd(STREAM, entry, maxlen=KEPT)
                batch.publish(event.channel, entry["event"])  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
            try:
                batch.execute()
            except RedisError as error:
                raise BusAway(str(error)) from error

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()
