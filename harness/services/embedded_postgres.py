"""A real PostgreSQL server of our own: on a free loopback port, in the run's folder, gone with the run."""

import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

from harness.errors import ServiceDidNotStart
from harness.services import failure, janitor, postgres_binaries
from harness.services.account import hand_over, open_to_all, service_account
from harness.services.databases import DRIVER, Databases, connect
from harness.services.port import LOOPBACK, free_port, on_free_port
from harness.services.postgres_binaries import PostgresBinaries
from harness.services.program import Launch, Program
from harness.services.reach import Reach
from harness.services.workspace import Workspace

ROLE = "conform"
INITDB_SECONDS = 60.0
READY_SECONDS = 30.0
READY = "database system is ready to accept connections"
# Shared memory in files of the data folder: a killed server leaves nothing in /dev/shm.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "logging_collector": "off",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# A commit that does not wait for the disk stays in memory as long as can be, so that a crash takes it away.
CAREFUL = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_writer_delay": "10s",
    "wal_writer_flush_after": "1GB",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What stays the same when the server is restarted; `durable` means that commits reach the disk."""

    folder: Path
    binaries: PostgresBinaries
    account: str | None
    password: str
    durable: bool

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    def launch(self, argv: tuple[str, ...]) -> Launch:
        """How to run one of PostgreSQL's programs on this cluster."""
        return Launch(
            argv=(str(self.binaries.folder / argv[0]), *argv[1:]),
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": str(self.binaries.folder), "TZ": "UTC"},
            user=self.account,
            secrets=(self.password,),
            stop_signal=signal.SIGINT,
            # Its quickest end that still gives back the shared memory of the kernel.
            orphan_signal=signal.SIGQUIT,
        )


class EmbeddedPostgres:
    """A database server; see DatabaseServer for its verbs."""

    def __init__(self, cluster: Cluster, workspace: Workspace, *, port: int, severable: bool = False) -> None:
        self._cluster = cluster
        self._workspace = workspace
        self._port = port
        self._reach = Reach(port, severable=severable)
        self._databases = Databases(
            f"{DRIVER}{ROLE}:{cluster.password}@{self.address}", pg_dump=cluster.binaries.folder / "pg_dump"
        )
        self._program = Program.start(cluster.launch(_server_argv(cluster, port)), workspace)
        self.version = self._await_ready()

    @classmethod
    def start(
        cls,
        workspace: Workspace,
        *,
        durable: bool = False,
        severable: bool = False,
        pick_port: Callable[[], int] = free_port,
    ) -> Self:
        """Make a new cluster and start it; raises ServiceDidNotStart with the last words of the log."""
        try:
            cluster = _make_cluster(workspace, durable=durable)
            return on_free_port(lambda port: cls(cluster, workspace, port=port, severable=severable), pick_port)
        except OSError as error:
            raise failure.not_prepared("PostgreSQL", error) from error

    @property
    def address(self) -> str:
        """`host:port`, without secrets."""
        return self._reach.address

    @property
    def durable(self) -> bool:
        """Whether a commit reaches the disk, so that durability may be judged."""
        return self._cluster.durable

    @property
    def alive(self) -> bool:
        """Whether its process runs, frozen or not."""
        return self._program.alive

    @property
    def binaries(self) -> PostgresBinaries:
        """The programs it runs on."""
        return self._cluster.binaries

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on it, with the password."""
        return self._databases.url(database)

    def create_database(self, label: str, *, template: str | None = None) -> str:
        """Make a database, empty or cloned from one that nobody is connected to; returns its unique name."""
        return self._databases.create(label, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database of ours, together with the connections to it."""
        self._databases.drop(name)

    def dump_schema(self, database: str) -> str:
        """The schema as `pg_dump` writes it."""
        return self._databases.dump_schema(database)

    def local_pid(self, number: int) -> int:
        """The number on this machine of a process that the server calls by this one: the same."""
        return number

    def stop(self) -> None:
        """End it in order; open connections are closed."""
        self._program.stop(10.0)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.aim()()

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills the server at once, as a power cut would."""
        strike = self._program.aim()

        def cut() -> None:
            strike()
            # Whoever connected in between was not aimed at.
            janitor.end_kin(janitor.working_in(self._cluster.data))

        return cut

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
        """Bring it back at the same address with the same data, whether it runs or not."""
        self.stop()
        self._program = Program.start(self._cluster.launch(_server_argv(self._cluster, self._port)), self._workspace)
        self.version = self._await_ready()

    def remove(self) -> None:
        """End it for good; what it stored goes with the run's folder."""
        self.stop()
        self._reach.close()

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its log, without secrets."""
        return self._program.tail(lines)

    def _await_ready(self) -> str:
        """Wait until it says that it is ready; returns the version it states to a query of ours."""
        # Nobody is called before: a stranger may listen on the port, and let us wait.
        if not self._program.await_words(READY, READY_SECONDS):
            raise failure.did_not_start("PostgreSQL", self._program)
        try:
            with connect(self.url("postgres")) as connection:
                row = connection.execute("SHOW server_version").fetchone()
                return str(row[0]) if row else ""
        except psycopg.OperationalError as error:
            raise failure.did_not_start("PostgreSQL", self._program) from error


def _make_cluster(workspace: Workspace, *, durable: bool) -> Cluster:
    account = service_account()
    binaries = postgres_binaries.find()
    _require_open(workspace, account)
    folder = workspace.make_folder("postgres")
    hand_over(folder, account)
    if account is not None:
        binaries = postgres_binaries.readable(binaries, workspace)
    password = secrets.token_hex(16)
    cluster = Cluster(folder=folder, binaries=binaries, account=account, password=password, durable=durable)
    _initialise(cluster, workspace)
    return cluster


def _require_open(workspace: Workspace, account: str | None) -> None:
    if account is not None and not open_to_all(workspace.folder):
        raise ServiceDidNotStart(
            f"PostgreSQL did not start: {account} may not enter {workspace.folder}",
            causes=("PostgreSQL refuses to run as root, and the folders above are closed to other users",),
            hint="Set TMPDIR to a folder that every user may enter, such as /tmp.",
        )


def _initialise(cluster: Cluster, workspace: Workspace) -> None:
    """Make the data folder, with a password that is never on a command line."""
    secret = cluster.folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(cluster.password)
    hand_over(secret, cluster.account)
    options = ("-D", str(cluster.data), "-U", ROLE, "-A", "scram-sha-256", "--pwfile", str(secret))
    encoding = ("--locale=C.UTF-8", "-E", "UTF8", "--no-sync", "--no-instructions")
    program = Program.start(cluster.launch(("initdb", *options, *encoding)), workspace)
    ended = program.wait(INITDB_SECONDS)
    secret.unlink()
    if ended != 0:
        raise failure.did_not_start("PostgreSQL", program)
    program.stop()


def _server_argv(cluster: Cluster, port: int) -> tuple[str, ...]:
    settings = {**SETTINGS, "port": str(port), **(CAREFUL if cluster.durable else CARELESS)}
    options = tuple(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
    return ("postgres", "-D", str(cluster.data), *options)
