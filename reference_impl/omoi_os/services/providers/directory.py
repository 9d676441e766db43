"""The providers that agents can call, each with a client that is built when it is first needed."""

from enum import StrEnum
from importlib.util import find_spec

from omoi_os.services.providers.interface import Provider, ProviderFailed

PATIENCE_SECONDS = 120.0


class ProviderName(StrEnum):
    """The providers whose protocol is spoken here; each is also the name of its official client's package."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


class ProviderDirectory:
    """Finds the client of a provider, one for all who ask."""

    def __init__(self) -> None:
        self._built: dict[ProviderName, Provider] = {}

    def named(self, name: str) -> Provider:
        """Return a provider's client; raises ProviderFailed when there is none or it cannot be built."""
        if name not in set(ProviderName):
            raise ProviderFailed(name, "nobody here speaks its protocol")
        provider = ProviderName(name)
        # Two first callers may build two; one is kept, and the other does its call and is forgotten.
        return self._built.get(provider) or self._built.setdefault(provider, _build(provider))

    def close(self) -> None:
        """Give every connection back."""
        for provider in self._built.values():
            provider.close()


def missing_packages() -> list[str]:
    """Name the official clients that are not installed, without the time that importing them takes."""
    return [name for name in ProviderName if find_spec(name) is None]


def _build(provider: ProviderName) -> Provider:
    """Build a client; importing one takes most of a second, so it waits until somebody wants it."""
    match provider:
        case ProviderName.OPENAI:
            from omoi_os.services.providers.openai_provider import OpenAiProvider  # noqa: PLC0415 - see above

            return OpenAiProvider(PATIENCE_SECONDS)
        case ProviderName.ANTHROPIC:
            from omoi_os.services.providers.anthropic_provider import AnthropicProvider  # noqa: PLC0415 - see above

            return AnthropicProvider(PATIENCE_SECONDS)
