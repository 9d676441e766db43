"""What a run stood on, completed from the canaries: addresses and versions, never a password."""

from collections.abc import Iterable
from dataclasses import replace

from harness.model import Canary, Environment
from harness.redaction import redact


def completed(environment: Environment, canaries: tuple[Canary, ...]) -> Environment:
    """The environment with each channel's address and version; lanes have servers of their own, so both are named."""
    addresses = environment.addresses | {_where(canary): canary.address for canary in canaries if canary.address}
    versions = environment.versions | {_where(canary): canary.version for canary in canaries if canary.version}
    return replace(
        environment,
        addresses={name: redact(address) for name, address in sorted(addresses.items())},
        versions=dict(sorted(versions.items())),
    )


def without_passwords(canaries: Iterable[Canary]) -> tuple[Canary, ...]:
    """The canaries, with addresses that may be shown to anyone."""
    return tuple(replace(canary, address=redact(canary.address)) for canary in canaries)


def _where(canary: Canary) -> str:
    return f"{canary.channel} ({canary.lane})"
