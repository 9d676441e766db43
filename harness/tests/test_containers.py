"""Services in containers come up quickly, do as their verbs say, and are gone with the run, however it ends."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.errors import CannotTell, ServiceDidNotStart
from harness.observe import ledger
from harness.services import janitor
from harness.services.bus_client import BusClient, BusError
from harness.services.containers import naming
from harness.services.containers.dock import Dock
from harness.services.containers.engine import EngineFailed
from harness.services.containers.postgres import ContainerPostgres
from harness.services.containers.provider import ContainerProvider
from harness.services.containers.redis import ContainerRedis
from harness.services.containers.room import ContainerRoom
from harness.services.databases import connect
from harness.services.embedded_postgres import SETTINGS, EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.failure import PortTaken
from harness.services.port import LOOPBACK, free_port
from harness.services.program import Launch
from harness.services.provider.remote import RemoteBook
from harness.services.workspace import Workspace
from harness.tests import engine_room
from harness.tests.engine_room import left_of

SECONDS = 30.0
UP_SECONDS = 6.0


@pytest.fixture(scope="module")
def dock() -> Iterator[Dock]:
    """The network of a run that all tests of this module share."""
    engine_room.demand()
    with Workspace.open() as opened, Dock.open(opened) as made:
        yield made


@pytest.fixture(scope="module")
def postgres(dock: Dock) -> Iterator[ContainerPostgres]:
    """One database server for every test that leaves it as it was."""
    server = ContainerPostgres.start(dock, durable=True)
    yield server
    server.remove()


@pytest.fixture
def redis(dock: Dock) -> Iterator[ContainerRedis]:
    """A bus server of the test's own."""
    server = ContainerRedis.start(dock)
    yield server
    server.remove()


def test_an_image_that_went_away_is_fetched_from_nobody(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What strangers call so is not ours."""
    monkeypatch.setenv(naming.VARIABLE, "conform-never-made-{}:1")
    with pytest.raises(EngineFailed, match="has no image conform-never-made-redis:1") as refused:
        ContainerRedis.start(dock)
    assert "nox -s images" in refused.value.hint


@pytest.fixture
def room(dock: Dock) -> ContainerRoom:
    """Where platforms run."""
    return ContainerRoom(dock)


def launch(code: str, dock: Dock, *, env: dict[str, str] | None = None) -> Launch:
    """A few lines of Python in place of a platform."""
    return Launch(argv=(ContainerRoom.python, "-uc", code), cwd=dock.workspace.folder, env=env or {})


def test_all_services_are_up_within_seconds() -> None:
    """PostgreSQL, Redis and the provider stub, one after the other, with their network."""
    engine_room.demand()
    began = time.monotonic()
    with Workspace.open() as opened, Dock.open(opened) as dock:
        started = (ContainerPostgres.start(dock), ContainerRedis.start(dock))
        with ContainerProvider.start(dock, "a seed") as stub:
            assert ledger.canary(stub)
            took = time.monotonic() - began
        for server in started:
            server.remove()
    assert took < UP_SECONDS
    assert left_of(str(opened.folder)) == ()


def test_the_servers_are_those_of_the_embedded_services(postgres: ContainerPostgres, redis: ContainerRedis) -> None:
    """The same versions, so that no verdict depends on where it was reached."""
    with Workspace.open() as opened:
        assert EmbeddedPostgres.start(opened).version == postgres.version
        assert EmbeddedRedis.start(opened).version == redis.version


def test_a_server_is_reached_at_loopback_alone(dock: Dock, postgres: ContainerPostgres) -> None:
    """Whoever shares a network with this machine finds no port open."""
    attrs = dock.engine.client.containers.get(postgres.container.name).attrs
    bindings = attrs["HostConfig"]["PortBindings"]
    assert {one["HostIp"] for ports in bindings.values() for one in ports} == {LOOPBACK}


@pytest.mark.parametrize("verb", ["stop", "kill", "cut"])
def test_a_row_survives_and_nobody_answers_meanwhile(postgres: ContainerPostgres, verb: str) -> None:
    """At the same address afterwards, the row is there."""
    name, address = postgres.create_database("durable"), postgres.address
    with connect(postgres.url(name)) as connection:
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    getattr(postgres, verb)()
    assert postgres.alive == (verb == "cut")
    with pytest.raises(psycopg.OperationalError):
        connect(postgres.url(name))
    postgres.mend() if verb == "cut" else postgres.restart()
    assert postgres.address == address
    with connect(postgres.url(name)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    postgres.drop_database(name)


def test_a_paused_server_keeps_connections_and_answers_nobody(redis: ContainerRedis) -> None:
    """Until it goes on."""
    host, _, port = redis.address.rpartition(":")
    with socket.create_connection((host, int(port)), SECONDS) as connection:
        redis.pause()
        connection.sendall(b"PING\r\n")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        redis.resume()
        connection.settimeout(SECONDS)
        assert connection.recv(1)


def test_the_bus_asks_for_its_password(redis: ContainerRedis) -> None:
    """With its URL a client is served, without the password it is not; the engine shows its log without it."""
    with BusClient(redis.url) as client:
        assert client.publish("events.x", "y") == 0
    with BusClient(f"redis://{redis.address}/0") as stranger, pytest.raises(BusError):
        stranger.publish("events.x", "y")


def test_a_process_of_the_server_is_found_on_this_machine(postgres: ContainerPostgres) -> None:
    """By the number that it has here, which is not the one that it has inside."""
    with connect(postgres.url("postgres")) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        here = postgres.local_pid(row[0])
        assert Path(f"/proc/{here}/cmdline").read_bytes().startswith(b"postgres: conform postgres")


def test_a_stub_that_is_told_nothing_of_the_key_does_as_nobody_says(dock: Dock) -> None:
    """The platform in the same network must not write its own account."""
    with ContainerProvider.start(dock, "a seed") as stub:
        stub.expect("a task", calls=2)
        with pytest.raises(CannotTell, match="refused us"):
            RemoteBook(stub.container.address, "guessed").arrived("a task")
        assert stub.arrived("a task") == 0


def test_a_platform_reaches_services_by_the_addresses_of_their_network(
    room: ContainerRoom, dock: Dock, postgres: ContainerPostgres, redis: ContainerRedis
) -> None:
    """What we reach at loopback it finds by name, and it is reached from here at the port it was given."""
    code = (
        "import os, psycopg, redis, http.server as h; from urllib.parse import urlsplit\n"
        "psycopg.connect(os.environ['DATABASE_URL'].replace('+psycopg', '')).execute('SELECT 1')\n"
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping()\n"
        "h.HTTPServer(('0.0.0.0', int(os.environ['PORT'])), h.SimpleHTTPRequestHandler).serve_forever()\n"
    )
    port = free_port()
    env = {"DATABASE_URL": postgres.url("postgres"), "REDIS_URL": redis.url, "PORT": str(port)}
    program = room.start(launch(code, dock, env=env), port=port)
    try:
        assert janitor.await_true(lambda: not program.alive or answers(port), SECONDS)
        assert program.alive, program.tail()
        assert program.pid
    finally:
        program.kill()


def answers(port: int) -> bool:
    """Whether somebody serves a request there."""
    try:
        with socket.create_connection((LOOPBACK, port), 1.0) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(4) == b"HTTP"
    except OSError:
        return False


def test_the_end_of_a_platform_is_told_with_its_code_and_words(room: ContainerRoom, dock: Dock) -> None:
    """And its container is gone as soon as that was asked."""
    program = room.start(launch("print('no such module'); raise SystemExit(3)", dock), port=free_port())
    assert program.wait(SECONDS) == 3
    program.kill()
    assert (program.returncode, program.tail()) == (3, ("no such module",))
    assert not program.alive


def test_a_killed_platform_is_gone_at_once(room: ContainerRoom, dock: Dock) -> None:
    """With whatever it had started itself."""
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    program = room.start(launch(code, dock), port=free_port())
    first = program.pid
    assert janitor.await_true(lambda: len(janitor.family(first)) > 1, SECONDS)
    family = janitor.family(first)
    program.aim()()
    assert not any(janitor.birth(one.pid) == one.birth for one in family)
    assert program.returncode == -signal.SIGKILL


def test_a_port_that_is_taken_is_told(dock: Dock) -> None:
    """Whoever starts a server takes another one; nothing of the failed container stays."""
    before = left_of(str(dock.workspace.folder))
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        with pytest.raises(PortTaken):
            ContainerRedis.start(dock, pick_port=lambda: int(taken.getsockname()[1]))
    assert left_of(str(dock.workspace.folder)) == before


def test_a_server_that_does_not_come_up_is_told_with_its_last_words(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its container does not stay."""
    before = left_of(str(dock.workspace.folder))
    monkeypatch.setitem(SETTINGS, "max_connections", "many")
    with pytest.raises(ServiceDidNotStart, match="PostgreSQL did not start in a container") as refused:
        ContainerPostgres.start(dock)
    assert "max_connections" in str(refused.value)
    assert left_of(str(dock.workspace.folder)) == before


def test_the_log_of_a_flood_is_kept_in_bounds(room: ContainerRoom, dock: Dock) -> None:
    """A platform that writes without end fills no disk."""
    program = room.start(launch("while True: print('x' * 1000)", dock), port=free_port())
    try:
        assert janitor.await_true(lambda: len(program.tail(3_000)) > 1_000, SECONDS)
        assert len("".join(program.tail(1_000_000))) < 10_000_000
    finally:
        program.kill()


def test_it_is_not_root_who_serves(postgres: ContainerPostgres) -> None:
    """PostgreSQL refuses that, and no server needs it."""
    assert Path(f"/proc/{postgres.container.pid}").stat().st_uid == 65534
