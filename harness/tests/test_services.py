"""Real servers come up quickly, do as their verbs say, and are gone with the run."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.services import janitor, postgres_binaries
from harness.services.bus_client import BusClient, BusError
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.interface import BusServer, DatabaseServer
from harness.services.port import LOOPBACK
from harness.services.workspace import Workspace

SECONDS = 20.0
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
def redis(workspace: Workspace) -> Iterator[EmbeddedRedis]:
    """A bus server of the test's own."""
    server = EmbeddedRedis.start(workspace)
    yield server
    server.stop()


def kin_of(folder: Path) -> tuple[int, ...]:
    """Numbers of all processes that run for a folder."""
    entries = janitor.read_register(folder)
    return tuple(kin.pid for entry in entries for kin in janitor.family(entry.pid))


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
    found = postgres_binaries.find().folder
    package = found.parent.parent
    with tempfile.TemporaryDirectory() as home:
        for part in (found.parent, *package.parent.glob(f"{package.name}*.libs")):
            shutil.copytree(part, Path(home) / part.relative_to(package.parent))
        monkeypatch.setenv(postgres_binaries.VARIABLE, str(Path(home) / found.relative_to(package.parent)))
        with Workspace.open() as opened:
            server = EmbeddedPostgres.start(opened)
            assert server.binaries.folder.is_relative_to(opened.folder)
            assert server.dump_schema("postgres")


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


def test_a_durable_bus_logs_every_write_and_another_none(workspace: Workspace, redis: EmbeddedRedis) -> None:
    """The append-only file exists exactly where durability was asked for."""
    durable = EmbeddedRedis.start(workspace, durable=True)
    assert list(durable.folder.rglob("*.aof"))
    assert not list(redis.folder.rglob("*.aof"))
    durable.stop()


def test_a_server_killed_by_somebody_else_is_seen_to_be_gone(workspace: Workspace) -> None:
    """A server that died is not reported alive."""
    server = EmbeddedRedis.start(workspace)
    entries = janitor.read_register(workspace.folder)
    pid = next(one.pid for one in entries if Path(f"/proc/{one.pid}/cwd").resolve() == server.folder)
    os.kill(pid, signal.SIGKILL)
    assert janitor.await_true(lambda: not server.alive, SECONDS)
    server.stop()
