"""The one place where a client for the bus is made, so that one version of its protocol is spoken everywhere."""

import redis

PROTOCOL = 2
ANSWER_SECONDS = 10.0


def connect(url: str) -> redis.Redis:
    """A lazy client for this URL that answers in text; nothing is connected yet."""
    return redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType] - redis-py leaves its options untyped
        url,
        protocol=PROTOCOL,
        decode_responses=True,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
    )


def stated_version(client: redis.Redis) -> str:
    """What the server calls itself, such as `Valkey 9.1.2`; raises redis.RedisError when it does not answer."""
    stated = client.info("server")  # pyright: ignore[reportUnknownMemberType] - redis-py leaves its options untyped
    name = "Valkey" if "valkey_version" in stated else "Redis"
    return f"{name} {stated.get('valkey_version', stated['redis_version'])}"
