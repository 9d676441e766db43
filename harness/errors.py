"""Errors as records: a code, what happened, why, and what to do next."""

from typing import ClassVar, Final

EXIT_CONFORMANT: Final = 0
EXIT_NONCONFORMANT: Final = 1
EXIT_UNDETERMINED: Final = 2
EXIT_MISUSE: Final = 3
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130


class ConformError(Exception):
    """Something the harness can say in one line: its message, causes, and a hint that names the next action."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_MISUSE

    def __init__(self, message: str, *, causes: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.causes = causes
        self.hint = hint

    def __str__(self) -> str:
        """The whole record on one line."""
        causes = f" ({'; '.join(self.causes)})" if self.causes else ""
        hint = f" Hint: {self.hint}" if self.hint else ""
        return f"{self.message}{causes}{hint}"


class Misuse(ConformError):
    """The command's words or the configuration are off."""

    code = "misuse"


class CatalogueRefused(ConformError):
    """The features are malformed or ambiguous."""

    code = "catalogue-refused"


class EvidenceRefused(ConformError):
    """The evidence file is not what the harness wrote."""

    code = "evidence-refused"


class TargetNotFound(ConformError):
    """There is no platform where the command points."""

    code = "target-not-found"


class ServiceDidNotStart(ConformError):
    """A service of our own (PostgreSQL, Redis) did not come up: the platform is not to blame."""

    code = "service-did-not-start"


class CannotTell(ConformError):
    """The check could not look; nothing follows for the platform. May be raised anywhere in a check."""

    code = "cannot-tell"


class OutOfReach(CannotTell):
    """What a platform does by means that cannot be had here, as in another company's computers."""

    code = "out-of-reach"


class LacksCapability(ConformError):
    """An instrument looked for a conditional capability and found none: the check does not apply."""

    code = "lacks-capability"


class DidNotCome(ConformError):
    """An awaited thing did not come on a channel; whether that counts depends on a canary tried there."""

    code = "did-not-come"

    def __init__(self, message: str, *, channel: str) -> None:
        super().__init__(message)
        self.channel = channel


class PlatformMisbehaved(ConformError):
    """The platform refused, hung or broke an operation that it must offer; `operation` is what it hides."""

    code = "platform-misbehaved"

    def __init__(self, message: str, *, operation: str, causes: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, causes=causes, hint=hint)
        self.operation = operation


class PlatformRefused(PlatformMisbehaved):
    """The platform answered that it will not do what it must offer: a client error."""


class PlatformFailed(PlatformMisbehaved):
    """The platform answered that it failed itself: a server error."""


class PlatformOffersNone(PlatformRefused):
    """The platform said that it has no such operation, or not for what it was asked about."""


class PlatformLacks(PlatformOffersNone):
    """The platform has nothing for what the document demands, by its own published description or its own word.

    That is what there is to be seen, and hides nothing: a check fails of it wherever it comes up.
    """


class PlatformKeptSilent(PlatformMisbehaved):
    """The platform did not answer in time, while our own server did."""


class TargetDidNotStart(PlatformMisbehaved):
    """The platform's own process did not come up, which masks everything that needs it running."""

    code = "target-did-not-start"

    def __init__(self, message: str, *, causes: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, operation="start", causes=causes, hint=hint)


class Unfurnished(TargetDidNotStart):
    """The platform's migrations made no database for it to start on; they are judged where they are the subject."""

    def __init__(self, error: str) -> None:
        said = "there is nothing to start the platform on, since its migrations do not reach their end"
        super().__init__(said, causes=(error,))
