"""Real servers come up quickly, do as their verbs say, and are gone with the run."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from harness.errors import ServiceDidNotStart
from harness.services import janitor, postgres_binaries
from harness.services.bus_client import BusClient, BusError
from harness.services.databases import connect, name_for
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.interface import BusServer, DatabaseServer, ServiceRefused
from harness.services.port import LOOPBACK, free_port
from harness.services.workspace import Workspace

SECONDS = 20.0
START_SECONDS = 2.0
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")
OWNER = """
import json, time
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace
opened = Workspace.open()
servers = EmbeddedPostgres.start(opened), EmbeddedRedis.start(opened)
print(json.dumps([str(opened.folder), *(server.address for server in servers)]), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    """The folder of a run that all tests of this module share."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def postgres(workspace: Workspace) -> DatabaseServer:
    """One database server for every test that does it no harm."""
    return EmbeddedPostgres.start(workspace)


@pytest.fixture
def redis(workspace: Workspace) -> Iterator[BusServer]:
    """A bus server of the test's own."""
    server = EmbeddedRedis.start(workspace)
    yield server
    server.stop()


def kin_of(folder: Path) -> tuple[int, ...]:
    """Numbers of all processes that run for a folder."""
    entries = janitor.read_register(folder)
    return tuple(kin.pid for entry in entries for kin in janitor.family(entry.pid))


def taken_then_free(taken: int) -> Callable[[], int]:
    """A choice of ports whose first one is taken, as when somebody was quicker."""
    ports = iter((taken,))
    return lambda: next(ports, 0) or free_port()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server((LOOPBACK, 0)) as stranger:
        yield int(stranger.getsockname()[1])


def test_both_servers_are_up_in_under_two_seconds() -> None:
    """From an empty folder to the first answers of both; the best of three, since this machine has other work."""
    assert any(seconds_until_up() < START_SECONDS for _ in range(3))


def seconds_until_up() -> float:
    """How long both servers took to answer."""
    with Workspace.open() as opened:
        begun = time.perf_counter()
        EmbeddedPostgres.start(opened)
        EmbeddedRedis.start(opened)
        return time.perf_counter() - begun


def test_two_runs_at_once_disturb_nothing(postgres: DatabaseServer, redis: BusServer) -> None:
    """Servers of a second run have their own addresses, and its end leaves the first alone."""
    with Workspace.open() as other:
        assert EmbeddedPostgres.start(other).address != postgres.address
        assert EmbeddedRedis.start(other).address != redis.address
    assert postgres.create_database("still here")
    assert BusClient(redis.url).publish("nobody", "listens") == 0


def test_nothing_of_the_servers_is_left_when_their_owner_is_killed() -> None:
    """After kill -9 of the owner its servers, their children, the folder and shared memory are gone."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        place, *addresses = json.loads(owner.stdout.readline())
        folder = Path(place)
        kin = kin_of(folder)
        memory = shared_memory()
        assert len(kin) > 5
        owner.kill()
    assert janitor.await_true(lambda: not any(map(janitor.birth, kin)) and not folder.exists(), SECONDS)
    assert shared_memory() < memory
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, int(address.rpartition(":")[2])), 1.0)


def shared_memory() -> int:
    """Number of System V shared memory segments on this machine."""
    return len(Path("/proc/sysvipc/shm").read_text().splitlines())


@needs_root
def test_as_root_the_servers_run_as_nobody(workspace: Workspace, postgres: DatabaseServer, redis: BusServer) -> None:
    """No process of a service runs as root."""
    assert postgres.alive
    assert redis.alive
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in kin_of(workspace.folder)}
    assert owners == {65534}


@needs_root
def test_programs_that_nobody_may_read_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a private home PostgreSQL still starts, from a copy in the run's folder."""
    found = postgres_binaries.find()
    with tempfile.TemporaryDirectory() as home:
        private = Path(home) / "site"
        package = found.folder.parent.parent
        private.mkdir(mode=0o700)
        for part in (package, *package.parent.glob(f"{package.name}*.libs")):
            (private / part.name).symlink_to(part)
        monkeypatch.setenv(postgres_binaries.VARIABLE, str(private / package.name / found.folder.parent.name / "bin"))
        monkeypatch.setattr(postgres_binaries, "open_to_all", closed_to_all)
        with Workspace.open() as opened:
            server = EmbeddedPostgres.start(opened)
            assert server.binaries.folder.is_relative_to(opened.folder)
            assert server.dump_schema("postgres")


def closed_to_all(_path: Path) -> bool:
    """What is true of programs under a private home."""
    return False


def test_a_database_has_an_unmistakable_name(postgres: DatabaseServer) -> None:
    """Names are ours, lower-case, unique and short enough, whatever the label."""
    name = postgres.create_database("Über all; DROP")
    assert name.startswith("conform_")
    assert name == name.lower()
    assert name_for("x" * 100) != name_for("x" * 100)
    assert len(name_for("x" * 100)) <= 63


def test_a_clone_holds_the_rows_of_its_template(postgres: DatabaseServer) -> None:
    """A clone has what its template has, and goes its own way from there."""
    template = postgres.create_database("template")
    with connect(postgres.url(template)) as connection:
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    clone = postgres.create_database("clone", template=template)
    with connect(postgres.url(clone)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
        connection.execute("DROP TABLE kept")
    assert "kept" in postgres.dump_schema(template)
    assert "kept" not in postgres.dump_schema(clone)


def test_a_template_in_use_is_refused_with_its_reason(postgres: DatabaseServer) -> None:
    """Cloning a database that somebody is connected to says so."""
    template = postgres.create_database("busy")
    with connect(postgres.url(template)), pytest.raises(ServiceRefused, match="accessed by other users"):
        postgres.create_database("clone", template=template)


def test_the_dump_of_one_schema_is_the_same_text_twice(postgres: DatabaseServer) -> None:
    """Nothing random, and no password, is in the dump."""
    name = postgres.create_database("dumped")
    with connect(postgres.url(name)) as connection:
        connection.execute("CREATE TABLE cost (amount float8 NOT NULL)")
    first = postgres.dump_schema(name)
    assert "amount double precision NOT NULL" in first
    assert first == postgres.dump_schema(name)


def test_a_dump_of_a_missing_database_is_refused(postgres: DatabaseServer) -> None:
    """The words of pg_dump are the cause."""
    with pytest.raises(ServiceRefused, match="does not exist"):
        postgres.dump_schema("conform_never_made")


def test_a_dropped_database_is_gone_also_with_connections_to_it(postgres: DatabaseServer) -> None:
    """Dropping ends connections, and dropping twice is no error."""
    name = postgres.create_database("dropped")
    with connect(postgres.url(name)):
        postgres.drop_database(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(postgres.url(name))
    postgres.drop_database(name)


def test_a_database_that_is_not_ours_is_not_dropped(postgres: DatabaseServer) -> None:
    """Only names that the harness gives are dropped."""
    with pytest.raises(ServiceRefused, match="not made by the harness"):
        postgres.drop_database("postgres")


def test_the_server_asks_for_its_password(postgres: DatabaseServer) -> None:
    """Another user of this machine does not get in."""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://conform:wrong@{postgres.address}/postgres", connect_timeout=5)


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_a_row_survives_stop_and_kill_of_a_durable_server(workspace: Workspace, verb: str) -> None:
    """At the same address after a restart, the row is there."""
    server = EmbeddedPostgres.start(workspace, durable=True)
    name, address = server.create_database("durable"), server.address
    with connect(server.url(name)) as connection:
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
    getattr(server, verb)()
    assert not server.alive
    server.restart()
    assert server.address == address
    with connect(server.url(name)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    server.stop()


def test_a_paused_database_server_keeps_connections_and_answers_nobody(workspace: Workspace) -> None:
    """Also a connection made before gets no answer until the server goes on."""
    server = EmbeddedPostgres.start(workspace)
    with connect(server.url("postgres")) as connection:
        server.pause()
        connection.pgconn.send_query(b"SELECT 1")
        connection.pgconn.flush()
        assert not answered(connection, 0.3)
        server.resume()
        assert answered(connection, SECONDS)
        while connection.pgconn.get_result():
            """Take the whole answer, so that the connection can be closed in order."""
    server.stop()


def answered(connection: psycopg.Connection, seconds: float) -> bool:
    """Whether the answer to a query came in so many seconds."""

    def arrived() -> bool:
        connection.pgconn.consume_input()
        return not connection.pgconn.is_busy()

    return janitor.await_true(arrived, seconds)


def test_the_bus_speaks_the_redis_protocol_and_asks_for_its_password(redis: BusServer) -> None:
    """With its URL a client is served, without the password it is not."""
    with BusClient(redis.url) as client:
        assert client.version() == redis.version
    with BusClient(f"redis://{redis.address}/0") as stranger, pytest.raises(BusError):
        stranger.publish("events.x", "y")


def test_a_bus_without_password_serves_everybody(workspace: Workspace) -> None:
    """A platform that knows no password for its bus can be given one without."""
    server = EmbeddedRedis.start(workspace, password=False)
    with BusClient(f"redis://{server.address}/0") as client:
        assert client.publish("events.x", "y") == 0
    server.stop()


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_a_stopped_bus_comes_back_at_its_address(redis: BusServer, verb: str) -> None:
    """Nobody answers in between."""
    with BusClient(redis.url) as client:
        getattr(redis, verb)()
        assert not redis.alive
        with pytest.raises(BusError):
            client.publish("events.x", "y")
        redis.restart()
        assert client.publish("events.x", "y") == 0


def test_a_durable_bus_logs_every_write_and_another_none(workspace: Workspace, redis: BusServer) -> None:
    """The append-only file exists exactly where durability was asked for."""
    durable = EmbeddedRedis.start(workspace, durable=True)
    assert list(durable.folder.rglob("*.aof"))
    assert not list(redis.folder.rglob("*.aof"))
    durable.stop()


def test_a_port_taken_in_between_is_replaced(workspace: Workspace, taken_port: int) -> None:
    """Both servers try another port when somebody was quicker."""
    for kind in (EmbeddedPostgres, EmbeddedRedis):
        server = kind.start(workspace, pick_port=taken_then_free(taken_port))
        assert not server.address.endswith(f":{taken_port}")
        server.stop()


@pytest.mark.parametrize("kind", [EmbeddedPostgres, EmbeddedRedis])
def test_a_port_that_stays_taken_is_named_as_cause(
    workspace: Workspace, taken_port: int, kind: type[EmbeddedPostgres | EmbeddedRedis]
) -> None:
    """The error quotes the server and says what to do."""
    with pytest.raises(ServiceDidNotStart, match="in use") as caught:
        kind.start(workspace, pick_port=lambda: taken_port)
    assert "port is taken" in caught.value.hint
    assert "conform:" not in str(caught.value)


@needs_root
@pytest.mark.parametrize("size", ["100k", "24m"])
def test_a_full_disk_is_named_as_cause(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    """On a disk of 100 KB or 24 MB PostgreSQL cannot start, and the error says that the disk is full."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "tmpfs", folder], check=False)
        if mounted.returncode != 0:
            pytest.skip("this root may not mount")
        try:
            monkeypatch.setattr(tempfile, "tempdir", folder)
            with Workspace.open() as opened, pytest.raises(ServiceDidNotStart, match="No space left") as caught:
                EmbeddedPostgres.start(opened)
        finally:
            subprocess.run(["umount", folder], check=True)
        assert "disk is full" in caught.value.hint


@needs_root
def test_a_temporary_folder_closed_to_nobody_is_named_as_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the unprivileged account may not go, the error says so before PostgreSQL stumbles."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Workspace.open() as opened, pytest.raises(ServiceDidNotStart, match="TMPDIR"):
        EmbeddedPostgres.start(opened)


def test_a_given_folder_without_programs_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for is not silently replaced by something else."""
    monkeypatch.setenv(postgres_binaries.VARIABLE, str(tmp_path))
    with pytest.raises(ServiceDidNotStart, match="lacks postgres, initdb, pg_dump"):
        postgres_binaries.find()


def test_a_given_bus_program_that_is_none_is_refused(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be executed is named."""
    monkeypatch.setenv("CONFORM_REDIS_SERVER", str(tmp_path / "absent"))
    with pytest.raises(ServiceDidNotStart, match="absent cannot be executed"):
        EmbeddedRedis.start(workspace)


def test_a_program_that_ends_at_once_is_no_server(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last words and the exit code of what was started are the cause."""
    fake = tmp_path / "server"
    fake.write_text("#!/bin/sh\necho cannot allocate memory\nexit 4\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CONFORM_REDIS_SERVER", str(fake))
    with pytest.raises(ServiceDidNotStart, match="ended with code 4") as caught:
        EmbeddedRedis.start(workspace)
    assert caught.value.causes == ("cannot allocate memory",)
    assert caught.value.hint == "Free some memory."


def test_a_server_killed_by_somebody_else_is_seen_to_be_gone(workspace: Workspace) -> None:
    """A server that died is not reported alive."""
    server = EmbeddedRedis.start(workspace)
    entries = janitor.read_register(workspace.folder)
    pid = next(one.pid for one in entries if Path(f"/proc/{one.pid}/cwd").resolve() == server.folder)
    os.kill(pid, signal.SIGKILL)
    assert janitor.await_true(lambda: not server.alive, SECONDS)
    server.stop()
