"""Channels of the harness and their canaries: one sign of our own on each, before anything may rest on it."""

from collections.abc import Callable

from harness.errors import CannotTell
from harness.model import Canary, Lane


class Channels:
    """The channels that one lane has opened; `report` receives the canary line of each."""

    def __init__(self, lane: Lane, *, report: Callable[[Canary], None]) -> None:
        self._lane: Lane = lane
        self._report = report
        self._canaries: dict[str, Callable[[], bool]] = {}

    def open(self, name: str, *, address: str, version: str, canary: Callable[[], bool]) -> None:
        """Try a channel's canary and report it; CannotTell when it is not seen, so that nothing rests on it."""
        self._canaries[name] = canary
        seen = canary()
        self._report(Canary(channel=name, seen=seen, lane=self._lane, address=address, version=version))
        if not seen:
            raise CannotTell(f"the harness does not see its own sign on {name}")

    def alive(self, name: str) -> bool:
        """Try a channel's canary again; a channel that was never opened is not alive."""
        return name in self._canaries and self._canaries[name]()
