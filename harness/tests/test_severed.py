"""A server is cut off in the same words wherever it runs: it goes on, nobody reaches it, and it comes back."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import pytest

from harness.services import choice, kinds
from harness.services.bus_client import BusClient, BusError
from harness.services.databases import connect
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.interface import BusServer, MortalDatabaseServer, ServiceRefused
from harness.services.workspace import Workspace
from harness.tests import engine_room

SECONDS = 20.0


@contextmanager
def quarters(kind: str) -> Generator[choice.Quarters]:
    """Where servers of a kind are made."""
    if kind == kinds.CONTAINERS:
        engine_room.demand()
    with Workspace.open() as workspace, choice.open_quarters(kind, workspace, run="a_run") as opened:
        yield opened


@pytest.fixture(params=[kinds.EMBEDDED, kinds.CONTAINERS])
def bus(request: pytest.FixtureRequest) -> Generator[BusServer]:
    """A Redis server of each kind."""
    with quarters(request.param) as opened, opened.bus_server(severable=True) as server:
        yield server


@pytest.fixture(params=[kinds.EMBEDDED, kinds.CONTAINERS])
def database_server(request: pytest.FixtureRequest) -> Generator[MortalDatabaseServer]:
    """A PostgreSQL server of each kind."""
    with quarters(request.param) as opened, opened.database_server(severable=True) as server:
        yield server


def visitor(server: BusServer) -> socket.socket:
    """A plain connection, to see what comes over it."""
    host, _, port = server.address.rpartition(":")
    return socket.create_connection((host, int(port)), SECONDS)


def test_a_bus_that_is_cut_off_runs_on_in_silence(bus: BusServer) -> None:
    """An open connection hears nothing, a new one is refused, and afterwards it is reached at its address."""
    address = bus.address
    with visitor(bus) as before:
        before.sendall(b"PING\r\n")
        assert before.recv(64)
        bus.cut()
        assert bus.alive
        with BusClient(bus.url) as stranger, pytest.raises(BusError):
            stranger.publish("events.x", "y")
        assert not answered(before)
    bus.mend()
    assert bus.address == address
    with BusClient(bus.url) as client:
        assert client.publish("events.x", "y") == 0


def answered(connection: socket.socket) -> bool:
    """Whether an answer comes over a connection; its end is none."""
    connection.settimeout(0.3)
    try:
        connection.sendall(b"PING\r\n")
        return bool(connection.recv(64))
    except OSError:
        return False


def test_a_database_that_is_cut_off_keeps_what_it_has(database_server: MortalDatabaseServer) -> None:
    """No connection leads to it meanwhile."""
    name = database_server.create_database("severed")
    with connect(database_server.url(name)) as connection:
        connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    database_server.cut()
    assert database_server.alive
    with pytest.raises(psycopg.OperationalError):
        connect(database_server.url(name))
    database_server.mend()
    with connect(database_server.url(name)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_a_severable_server_still_stops_and_comes_back(bus: BusServer) -> None:
    """At the same address, with the relay of an embedded one in between."""
    bus.stop()
    assert not bus.alive
    with BusClient(bus.url) as client, pytest.raises(BusError):
        client.publish("events.x", "y")
    bus.restart()
    with BusClient(bus.url) as client:
        assert client.publish("events.x", "y") == 0


def test_a_server_without_a_relay_says_so() -> None:
    """Whoever wants to cut it off must have said it before."""
    with Workspace.open() as workspace:
        server = EmbeddedRedis.start(workspace)
        with pytest.raises(ServiceRefused, match="not started to be cut off") as refused:
            server.cut()
        assert "severable" in refused.value.hint
        server.remove()
