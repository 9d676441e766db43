"""What a run stood on, completed from the canaries: addresses and versions, never a password."""

from collections.abc import Iterable
from dataclasses import replace

from harness.model import Canary, Environment
from harness.redaction import redact


def completed(environment: Environment, canaries: tuple[Canary, ...]) -> Environment:
    """The environment with each channel's address and version; lanes have servers of their own, so both are named."""
    addresses = environment.addresses | _joined((_where(one), one.address) for one in canaries)
    versions = environment.versions | _joined((_where(one), one.version) for one in canaries)
    return replace(
        environment,
        addresses={name: redact(address) for name, address in sorted(addresses.items())},
        versions=dict(sorted(versions.items())),
    )


def without_passwords(canaries: Iterable[Canary]) -> tuple[Canary, ...]:
    """The canaries, with addresses that may be shown to anyone."""
    return tuple(replace(canary, address=redact(canary.address)) for canary in canaries)


def _joined(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Shards had servers of their own, too: all of a lane's are named, each once."""
    by_place: dict[str, dict[str, None]] = {}
    for place, word in told:
        by_place.setdefault(place, {}).update({word: None} if word else {})
    return {place: ", ".join(words) for place, words in by_place.items() if words}


def _where(canary: Canary) -> str:
    return f"{canary.channel} ({canary.lane})"
