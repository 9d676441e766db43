"""What servers that were given by their addresses have in common: they are not ours to stop, and may be refused."""

from collections.abc import Callable
from typing import ClassVar, NoReturn

from harness.errors import CannotTell, ConformError


class GivenRefused(ConformError):
    """A server that was given is not one that the harness may use without touching what is not its own."""

    code: ClassVar[str] = "services-refused"


class NotOurs:
    """The verbs that a given server does not offer: whatever needs one cannot tell."""

    name: ClassVar[str]

    @property
    def alive(self) -> bool:
        """It runs as far as we know: nobody here could end it."""
        return True

    def stop(self) -> None:
        """Not ours to stop."""
        self._refuse("stopped")

    def kill(self) -> None:
        """Not ours to kill."""
        self._refuse("killed")

    def aim(self) -> Callable[[], None]:
        """Not ours to kill."""
        self._refuse("killed")

    def pause(self) -> None:
        """Not ours to freeze."""
        self._refuse("frozen")

    def resume(self) -> None:
        """Not ours to let go on."""
        self._refuse("frozen")

    def cut(self) -> None:
        """Not ours to cut off."""
        self._refuse("cut off")

    def mend(self) -> None:
        """Not ours to cut off."""
        self._refuse("cut off")

    def restart(self) -> None:
        """Not ours to restart."""
        self._refuse("restarted")

    def remove(self) -> None:
        """Not ours to end."""
        self._refuse("ended")

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """Its log is not ours to read."""
        del lines
        return ()

    def _refuse(self, verb: str) -> NoReturn:
        raise CannotTell(
            f"the {self.name} that was given by its address must not be {verb}",
            hint="judge this with services of the harness's own",
        )
