"""The event bus: facts told to whoever listens on Redis."""

import json
import logging
from dataclasses import asdict, dataclass
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

PATIENCE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to something."""

    event_type: str
    entity_type: str
    entity_id: str
    payload: dict[str, Any]

    @property
    def channel(self) -> str:
        """Name the channel that carries events of this type."""
        return f"events.{self.event_type}"


class EventBusService:
    """Publishes events on Redis; an outage costs the event and never the caller's work."""

    def __init__(self, redis_url: str) -> None:
        # One short try and the old protocol: whoever records a cost must not wait for a bus that is away.
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
            redis_url,
            protocol=2,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )

    def publish(self, event: Event) -> bool:
        """Publish one event; tells whether Redis took it."""
        try:
            self._redis.publish(event.channel, json.dumps(asdict(event)))  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
        except RedisError as error:
            log.warning(
                "event %s of %s %s not published: %s", event.event_type, event.entity_type, event.entity_id, error
            )
            return False
        return True

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()
