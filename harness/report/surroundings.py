"""What a run stood on, completed from the canaries: addresses and versions, never a password."""

import re
from collections.abc import Iterable
from dataclasses import replace

from harness.model import Canary, Environment

# Up to the last `@`, because a password that nobody escaped may hold an `@` or a slash itself.
_URL_PASSWORD = re.compile(r"(?<=://)([^:@/\s]*):\S*@")
_NAMED_PASSWORD = re.compile(r"\b((?:ssl)?passw(?:or)?d)\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^&\s]+)", re.IGNORECASE)


def completed(environment: Environment, canaries: tuple[Canary, ...]) -> Environment:
    """The environment with each channel's address and version; lanes have servers of their own, so both are named."""
    addresses = environment.addresses | {_where(canary): canary.address for canary in canaries if canary.address}
    versions = environment.versions | {_where(canary): canary.version for canary in canaries if canary.version}
    return replace(
        environment,
        addresses={name: _without_password(address) for name, address in sorted(addresses.items())},
        versions=dict(sorted(versions.items())),
    )


def without_passwords(canaries: Iterable[Canary]) -> tuple[Canary, ...]:
    """The canaries, with addresses that may be shown to anyone."""
    return tuple(replace(canary, address=_without_password(canary.address)) for canary in canaries)


def _where(canary: Canary) -> str:
    return f"{canary.channel} ({canary.lane})"


def _without_password(address: str) -> str:
    """Both spellings: `scheme://user:secret@host` and `password=secret` of connection strings."""
    bare = _URL_PASSWORD.sub(lambda found: f"{found[1]}@" if found[1] else "", address)
    return _NAMED_PASSWORD.sub(r"\1=…", bare)
