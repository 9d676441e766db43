"""Services that were given by their addresses: read from words that hold no password, which come from elsewhere."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from harness.errors import Misuse
from harness.services import deployed

POSTGRES: Final = "postgresql+psycopg"
REDIS: Final = ("redis", "rediss")
POSTGRES_PASSWORD: Final = "CONFORM_POSTGRES_PASSWORD"  # noqa: S105 - the name of a variable
REDIS_PASSWORD: Final = "CONFORM_REDIS_PASSWORD"  # noqa: S105 - the name of a variable
HINT: Final = f"write {POSTGRES}://USER@HOST:PORT,redis://HOST:PORT/NUMBER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A PostgreSQL server and one database of a Redis server, as URLs without passwords."""

    postgres: str
    redis: str

    def __str__(self) -> str:
        """As it is typed."""
        return f"{self.postgres},{self.redis}"

    @property
    def postgres_url(self) -> str:
        """The URL of the PostgreSQL server with its password, if there is one."""
        return _with_password(self.postgres, POSTGRES_PASSWORD)

    @property
    def redis_url(self) -> str:
        """The URL of the Redis database with its password, if there is one."""
        return _with_password(self.redis, REDIS_PASSWORD)


def are(words: str) -> bool:
    """Whether words name addresses of services rather than a kind of them, or a running platform."""
    return "://" in words and not deployed.is_url(words)


def read(words: str) -> Addresses:
    """Read one URL of PostgreSQL and one of Redis; Misuse, without a word of theirs, for anything else."""
    by_scheme = {_split(word).scheme: word for word in words.split(",")}
    postgres = [word.rstrip("/") for scheme, word in by_scheme.items() if scheme == POSTGRES]
    redis = [word for scheme, word in by_scheme.items() if scheme in REDIS]
    if len(postgres) != 1 or len(redis) != 1 or len(words.split(",")) != 2:
        raise Misuse("--services takes one URL of PostgreSQL and one of Redis", hint=HINT)
    _refuse_more(_split(postgres[0]), path=("",))
    _refuse_more(_split(redis[0]), path=tuple(f"/{number}" for number in range(10_000)))
    return Addresses(postgres=postgres[0], redis=redis[0])


def _split(word: str) -> SplitResult:
    try:
        parts = urlsplit(word.strip())
        _ = parts.port
    except ValueError as error:
        raise Misuse("--services holds something that is no URL", hint=HINT) from error
    if parts.password is not None:
        # Everybody on this machine sees the words of a command.
        hint = f"put it into {POSTGRES_PASSWORD} and {REDIS_PASSWORD}, or let the same with _FILE name a file"
        raise Misuse("a password in --services could be seen by others", hint=hint)
    return parts


def _refuse_more(parts: SplitResult, *, path: tuple[str, ...]) -> None:
    """A server has no database of its own to be named, and what a query asks for is not understood here."""
    if not parts.hostname or parts.path not in path or parts.query or parts.fragment:
        name = parts.scheme.partition("+")[0]
        raise Misuse(f"the URL of {name} must have a host, its own path and no query", hint=HINT)


def _with_password(url: str, variable: str) -> str:
    secret = next(_passwords(variable), "")
    scheme, _, rest = url.partition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}://{user}:{quote(secret, safe='')}@{place}" if secret else f"{scheme}://{user}{at}{place}"


def _passwords(variable: str) -> Iterator[str]:
    if variable in os.environ:
        yield os.environ[variable]
    if named := os.environ.get(f"{variable}_FILE"):
        try:
            yield Path(named).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            hint = f"{variable}_FILE names a file that holds the password alone"
            raise Misuse(f"the file that {variable}_FILE names cannot be read", hint=hint) from error
