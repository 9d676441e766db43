"""One database of a Redis that was given by its address: ours alone for as long as a lane runs, and never flushed.

A Redis tells nobody's keys apart, and what is published reaches every database of a server. So the database must be
empty and the server must have no subscriber; a key of ours claims the database, and on the strength of that claim every
key in it is removed in the end, one by one.
"""

from contextlib import closing
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

from harness.redaction import first_line
from harness.services.bus_client import BusClient, BusError
from harness.services.given import GivenRefused, NotOurs

CLAIM: Final = "conform:claim"
_CLEAN: Final = "`conform doctor --clean --services …` removes what a killed run left"


class GivenRedis(NotOurs):
    """A bus server; see BusServer for its verbs. Use it in a `with`: what was stored there meanwhile is removed."""

    name: ClassVar[str] = "Redis"

    def __init__(self, url: str, *, run: str) -> None:
        self.url = url
        self.version = verify(url)
        self.address = urlsplit(url).netloc.rpartition("@")[2]
        self._client = BusClient(url, name=f"conform_{run}")
        try:
            claimed = self._client.claim(CLAIM, f"conform_{run}")
        except BusError as error:
            raise _unreachable(error) from error
        if not claimed:
            raise GivenRefused("another run has just claimed that database of Redis", hint="give each run its own")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove every key, the claim as the last, and let the server go."""
        with closing(self._client):
            _empty(self._client)


def verify(url: str) -> str:
    """Give the version of a server whose database the harness may use; GivenRefused otherwise, with the reason."""
    with BusClient(url) as client:
        try:
            version, keys, claim = client.version(), client.size(), client.value(CLAIM)
            listening = client.subscriptions()
        except BusError as error:
            raise _unreachable(error) from error
    if keys:
        left = f", claimed by the run {claim}" if claim else ""
        hint = f"name one that is empty, as redis://HOST:PORT/NUMBER; {_CLEAN}"
        raise GivenRefused(f"the database of Redis that was given holds {keys} keys{left}, and stays", hint=hint)
    if listening:
        raise GivenRefused(
            f"others listen on the Redis that was given: {', '.join(listening)}",
            causes=("what is published reaches every database of a server, so they would hear the platform",),
            hint="give a Redis that nobody listens on",
        )
    return version


def clean(url: str) -> tuple[str, ...]:
    """Empty the database if a killed run has claimed it; returns the claim. Nothing else is touched."""
    with BusClient(url) as client:
        try:
            claim = client.value(CLAIM)
            if not claim or claim in client.names():
                return ()
            _empty(client)
        except BusError as error:
            raise _unreachable(error) from error
    return (claim,)


def _empty(client: BusClient) -> None:
    client.remove(keep=CLAIM)
    client.remove()


def _unreachable(error: BusError) -> GivenRefused:
    hint = "look at the address, and at CONFORM_REDIS_PASSWORD or CONFORM_REDIS_PASSWORD_FILE"
    return GivenRefused("the Redis that was given cannot be used", causes=(first_line(error),), hint=hint)
