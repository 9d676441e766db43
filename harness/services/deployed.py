"""A platform that runs already and is given by its URL (`--url`): the words for it, and what is out of reach then."""

from typing import Final
from urllib.parse import urlsplit

from harness.errors import Misuse

BEYOND_REACH: Final = (
    "a running platform (--url) is read from and nothing else: its source, database, bus and provider are out of reach"
)
_SCHEMES: Final = ("http", "https")


def is_url(words: str) -> bool:
    """Whether words name a running platform rather than services."""
    return words.partition("://")[0] in _SCHEMES


def read(words: str) -> str:
    """The URL under which a platform's paths begin, without a slash at its end; Misuse for anything else."""
    try:
        parts = urlsplit(words)
        sound = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound, parts = False, urlsplit("")
    if parts.username is not None or parts.password is not None:
        # Everybody on this machine sees the words of a command.
        raise Misuse("a name or password in --url could be seen by others", hint="give tokens in CONFORM_VISITORS_FILE")
    if not sound or parts.query or parts.fragment:
        raise Misuse("--url takes the address of a running platform", hint="write https://HOST[:PORT][/PATH]")
    return words.rstrip("/")
