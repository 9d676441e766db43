"""One container of a run, made by testcontainers: it ends with the run, keeps its address, and hides its secrets."""

import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from harness.errors import ServiceDidNotStart
from harness.redaction import redact
from harness.services import failure, janitor
from harness.services.containers.dock import Dock, new_name
from harness.services.containers.engine import EnginePortTaken, told
from harness.services.failure import PortTaken
from harness.services.port import LOOPBACK

END_SECONDS: Final = 10
_LOG_LINES: Final = 2_000
_LOG_BYTES: Final = "2m"
_LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Cargo:
    """What a container runs: an image, its words and whole environment, and the port on which it listens inside.

    `shared` are folders of this machine that lie at the same place inside, and whether they may be written.
    """

    what: str
    image: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    port: int
    cwd: str | None = None
    user: str | None = None
    secrets: tuple[str, ...] = ()
    shared: Mapping[Path, bool] = field(default_factory=dict[Path, bool])


class Container:
    """A container that runs, is frozen, or has ended."""

    def __init__(self, dock: Dock, cargo: Cargo, *, made: Any, port: int) -> None:
        self.cargo = cargo
        self.name = str(made._name)  # noqa: SLF001 - it has no other word for it
        self.port = port
        self._dock = dock
        self._made = made
        self._began = 0.0

    @classmethod
    def start(cls, dock: Dock, cargo: Cargo, *, port: int) -> Self:
        """Make it and start it, to be reached at this port of loopback; raises PortTaken or EngineFailed."""
        dock.engine.demand(cargo.image)
        container = cls(dock, cargo, made=_made(dock, cargo, port), port=port)
        began = time.time()
        try:
            with told(f"a container for {cargo.what} could not be started"):
                container._made.start()
        except EnginePortTaken as error:
            container.remove()
            raise PortTaken(error.message, causes=error.causes, hint=error.hint) from error
        except BaseException:
            container.remove()
            raise
        container._began = began
        dock.enter(f"{LOOPBACK}:{port}", f"{container.name}:{cargo.port}")
        return container

    @property
    def address(self) -> str:
        """`host:port` for us."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Number of its first process on this machine; 0 when it does not run, or not on this machine."""
        pid = int(self._state()["Pid"])
        return pid if pid and _is_in(pid, self._wrapped.id) else 0

    def local_pid(self, number: int) -> int:
        """The number on this machine of a process that has another one inside; 0 when there is none."""
        first = self.pid
        kin = janitor.family(first) if first else ()
        return next((one.pid for one in kin if _number_inside(one.pid) == number), 0)

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return bool(self._state()["Running"])

    @property
    def returncode(self) -> int | None:
        """The exit code of its first process, negative for a signal; None while it runs."""
        state = self._state()
        code = int(state["ExitCode"])
        return None if state["Running"] else (128 - code if code > 128 else code)

    def output(self) -> str:
        """What it wrote since it was last started, the last of it, without secrets."""
        with told(f"the log of {self.name} could not be read"):
            said: bytes = self._wrapped.logs(tail=_LOG_LINES, since=self._began)
        return redact(said.decode(errors="replace"), self.cargo.secrets)

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines it wrote, blank ones left out, without secrets."""
        written = [line.rstrip() for line in self.output().splitlines() if line.strip()]
        return tuple(written[-lines:]) if lines > 0 else ()

    def await_words(self, words: str, seconds: float) -> bool:
        """Wait until it has written these words; False when it ended or so many seconds passed without them."""
        until = time.monotonic() + seconds
        while words not in self.output():
            if time.monotonic() > until or not self.alive:
                return False
            time.sleep(_LOOK_SECONDS)
        return self.alive

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and return its exit code; None when it still runs after so many seconds."""
        janitor.await_true(lambda: not self.alive, seconds)
        return self.returncode

    def stop(self, grace_seconds: float = END_SECONDS) -> int | None:
        """Ask it to end, and end it; returns its exit code."""
        with told(f"{self.name} could not be stopped"):
            if self._state()["Paused"]:
                self._wrapped.unpause()
            self._wrapped.stop(timeout=round(grace_seconds))
        return self.returncode

    def kill(self) -> int | None:
        """End it with everything in it at once, as a power cut would."""
        self.aim()()
        return self.returncode

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills at once, with nothing to look up first."""
        first = self.pid
        kin = janitor.look_up(first) if first else None

        def strike() -> None:
            # The kernel ends all that is in a container with its first process.
            janitor.strike((kin,) if kin else (), signal.SIGKILL)
            with suppress(*_refusals()):
                self._wrapped.kill()
            janitor.await_true(lambda: not self.alive, janitor.FINAL_SECONDS)

        return strike

    def pause(self) -> None:
        """Freeze it: connections stay open, nobody answers."""
        with told(f"{self.name} could not be frozen"):
            self._wrapped.pause()

    def resume(self) -> None:
        """Let it go on."""
        with told(f"{self.name} could not be let go on"):
            self._wrapped.unpause()

    def cut(self) -> None:
        """Take it off the network: it runs on, nobody reaches it, and open connections fall silent."""
        with told(f"{self.name} could not be cut off"):
            self._dock.network._unwrap_network.disconnect(self.name, force=True)  # noqa: SLF001 - no other word for it

    def mend(self) -> None:
        """Put it back on the network at the same address."""
        with told(f"{self.name} could not be reached again"):
            self._dock.network.connect(self.name, [self.name])

    def restart(self) -> None:
        """Start it again at the same address with the same data; one that runs is ended first."""
        if self.alive:
            self.stop()
        self._began = time.time()
        with told(f"{self.name} could not be started again"):
            self._wrapped.start()

    def remove(self) -> None:
        """Take it away with all that it wrote."""
        wrapped = self._made._container  # noqa: SLF001 - what it made before it failed
        if wrapped is not None:
            with suppress(*_refusals()):
                wrapped.remove(force=True, v=True)

    def did_not_start(self) -> ServiceDidNotStart:
        """The error to raise for a service that ended, or never answered, with its last words; it is removed."""
        lines, code = self.tail(100), self.returncode
        self.remove()
        said = "never answered" if code is None else f"ended with code {code}"
        causes = failure.telling(lines) or ("it wrote nothing",)
        message = f"{self.cargo.what} did not start in a container of {self.cargo.image}: it {said}"
        return ServiceDidNotStart(message, causes=causes, hint=failure.hint_for("\n".join(lines)))

    @property
    def _wrapped(self) -> Any:
        return self._made.get_wrapped_container()

    def _state(self) -> Mapping[str, Any]:
        with told(f"the engine does not tell how {self.name} is"):
            self._wrapped.reload()
        return self._wrapped.attrs["State"]


def _made(dock: Dock, cargo: Cargo, port: int) -> Any:
    from docker.types import LogConfig  # noqa: PLC0415 - see Dock.open
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - see Dock.open

    name = new_name(cargo.what.lower().replace(" ", "-"))
    made = DockerContainer(cargo.image).with_name(name).with_command(list(cargo.argv))
    made.with_envs(**cargo.env).with_network(dock.network).with_network_aliases(name)
    for folder, written in cargo.shared.items():
        made.with_volume_mapping(str(folder), str(folder), "rw" if written else "ro")
    # Loopback alone: its own verb would open the port to every network that this machine is on.
    made.ports = {f"{cargo.port}/tcp": (LOOPBACK, port)}  # type: ignore[dict-item]
    made.with_kwargs(
        labels=dict(dock.labels),
        user=cargo.user,
        working_dir=cargo.cwd,
        log_config=LogConfig(type="json-file", config={"max-size": _LOG_BYTES, "max-file": "2"}),
    )
    return made


def _is_in(pid: int, container_id: str) -> bool:
    """Whether this process of this machine is one of the container's: an engine elsewhere counts others."""
    with suppress(OSError):
        return container_id in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8")
    return False


def _number_inside(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0


def _refusals() -> tuple[type[BaseException], ...]:
    from docker.errors import APIError  # noqa: PLC0415 - see Dock.open
    from requests import RequestException  # noqa: PLC0415 - see Dock.open

    return APIError, RequestException
