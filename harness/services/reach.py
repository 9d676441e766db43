"""Under which address an embedded server is reached: its own, or that of a relay that can be told to cut it off."""

from harness.services.interface import ServiceRefused
from harness.services.port import LOOPBACK
from harness.services.relay import Relay


class Reach:
    """The address of one server; only a severable one is reached through a relay, which takes time."""

    def __init__(self, port: int, *, severable: bool) -> None:
        self._port = port
        self._relay = Relay.before(port) if severable else None

    @property
    def address(self) -> str:
        """`host:port`, without secrets."""
        return self._relay.address if self._relay else f"{LOOPBACK}:{self._port}"

    def cut(self) -> None:
        """Hand nothing on any more."""
        self._severable().cut()

    def mend(self) -> None:
        """Hand on again."""
        self._severable().mend()

    def close(self) -> None:
        """End every connection that leads through it."""
        if self._relay is not None:
            self._relay.close()

    def _severable(self) -> Relay:
        if self._relay is None:
            said = "this server was not started to be cut off"
            raise ServiceRefused(said, hint="Start it with severable=True.")
        return self._relay
