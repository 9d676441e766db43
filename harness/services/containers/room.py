"""Where a platform's processes run when its services are in containers: in the platform's image, in their network."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.interpreter import client
from harness.services.containers import naming, shim
from harness.services.containers.container import Cargo, Container
from harness.services.containers.dock import Dock
from harness.services.containers.engine import EngineFailed
from harness.services.containers.shim import Plan
from harness.services.kinds import PYTHON
from harness.services.program import Launch

STOP_SECONDS: Final = 5.0
_MOST_LINES: Final = 2_000
# Of this machine, and nothing to a container.
_LEFT_OUT: Final = frozenset({"PATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "VIRTUAL_ENV", "PYTHONPYCACHEPREFIX"})


class ContainerRoom:
    """Starts each process in a container of its own; the platform's source is mounted where it lies here."""

    python = PYTHON
    host = "0.0.0.0"  # noqa: S104 - in there; from outside it is reached at loopback alone

    def __init__(self, dock: Dock) -> None:
        self._dock = dock

    @property
    def interpreter(self) -> str | None:
        """A program of this machine that is the image's Python, for whatever examines code; None where none can be."""
        if not shim.available():
            return None
        folder = self._dock.workspace.make_folder("interpreter")
        plan = Plan(
            image=naming.image("platform"),
            python=self.python,
            network=self._dock.network.name,
            user=_user(),
            labels=self._dock.labels,
            directory=str(self._dock.directory),
            left_out=tuple(sorted(_LEFT_OUT)),
            writable=str(self._dock.workspace.folder),
            folders=(str(client.FOLDER.resolve()),),
        )
        return str(shim.write(folder, plan))

    def start(self, launch: Launch, *, port: int) -> "ContainedProcess":
        """Start a platform that may listen on this port, at which it is reached from here too; raises PortTaken."""
        return ContainedProcess(Container.start(self._dock, self._cargo(launch, port), port=port))

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """What of an environment holds in a container, with the addresses that hold there."""
        kept = {name: self._dock.inward(value) for name, value in env.items() if name not in _LEFT_OUT}
        return {"PYTHONDONTWRITEBYTECODE": "1", **kept}

    def _cargo(self, launch: Launch, port: int) -> Cargo:
        return Cargo(
            what="the platform",
            image=naming.image("platform"),
            argv=launch.argv,
            env=self.environment(launch.env),
            port=port,
            cwd=str(launch.cwd),
            user=_user(),
            secrets=launch.secrets,
            shared={Path(launch.cwd).resolve(): False, self._dock.workspace.folder: True},
        )


def _user() -> str:
    # As whoever runs the harness, so that what it writes can be read and removed here.
    return f"{os.geteuid()}:{os.getegid()}"


class ContainedProcess:
    """A platform's process in a container, which is taken away as soon as it has ended; see Process for its verbs."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._last: tuple[int | None, tuple[str, ...]] | None = None

    @property
    def pid(self) -> int:
        """Its number on this machine; 0 where that is not known."""
        return 0 if self._last else self._container.pid

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return self._last is None and self._container.alive

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._last[0] if self._last else self._container.returncode

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines it wrote, without secrets."""
        return self._last[1][-lines:] if self._last else self._container.tail(lines)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and return its exit code; None when it still runs after so many seconds."""
        return self._last[0] if self._last else self._container.wait(seconds)

    def stop(self) -> None:
        """Ask it to end, then end it."""
        if self.alive:
            self._container.stop(STOP_SECONDS)
        self._bury()

    def kill(self) -> None:
        """End it at once."""
        self.aim()()

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills at once."""
        strike = self._container.aim() if self.alive else lambda: None

        def end() -> None:
            strike()
            self._bury()

        return end

    def _bury(self) -> None:
        if self._last is None:
            # An engine that is gone tells nothing any more, and what it left is the janitor's.
            with suppress(EngineFailed):
                self._last = (self._container.returncode, self._container.tail(_MOST_LINES))
            self._container.remove()
