"""Where a platform's processes run: on this machine, or in containers."""

from collections.abc import Callable
from typing import Protocol

from harness.services.port import LOOPBACK
from harness.services.program import Launch, Program
from harness.services.workspace import Workspace


class Process(Protocol):
    """A running process of a platform; see Program for its verbs."""

    @property
    def pid(self) -> int:
        """Its number on this machine; 0 where that is not known."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        ...

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        ...

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines it wrote, without secrets."""
        ...

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and return its exit code; None when it still runs after so many seconds."""
        ...

    def stop(self) -> object:
        """Ask it to end, then end it."""
        ...

    def kill(self) -> object:
        """End it at once."""
        ...

    def aim(self) -> Callable[[], object]:
        """Look up now whom to kill; what is given back kills at once."""
        ...


class Room(Protocol):
    """Starts the processes of platforms."""

    @property
    def python(self) -> str:
        """The interpreter that runs them, by its path in there."""
        ...

    @property
    def interpreter(self) -> str | None:
        """A program of this machine that is this interpreter, for whatever examines code; None where none can be."""
        ...

    @property
    def host(self) -> str:
        """On which address a platform listens so that it is reached at loopback from here."""
        ...

    def start(self, launch: Launch, *, port: int) -> Process:
        """Start one that may listen on this port; PortTaken where that is told at once."""
        ...


class HostRoom:
    """This machine."""

    host = LOOPBACK

    def __init__(self, workspace: Workspace, *, python: str) -> None:
        self.python = self.interpreter = python
        self._workspace = workspace

    def start(self, launch: Launch, *, port: int) -> Program:  # noqa: ARG002 - every port is open here
        """Start it beside us."""
        return Program.start(launch, self._workspace)
