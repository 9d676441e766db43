"""Nothing of a run stays in the engine, however it ends, and what did stay is found by its labels."""

import json
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness import doctor
from harness.services import janitor
from harness.services.containers import naming, sweeper
from harness.services.containers.dock import Dock
from harness.services.containers.redis import ContainerRedis
from harness.services.port import LOOPBACK
from harness.services.workspace import Workspace
from harness.tests import engine_room
from harness.tests.engine_room import left_of

SECONDS = 30.0
OWNER = """
import json, os, sys, time
from harness.services.containers.dock import Dock
from harness.services.containers.postgres import ContainerPostgres
from harness.services.workspace import Workspace
opened = Workspace.open()
dock = Dock.open(opened)
server = ContainerPostgres.start(dock)
if "without janitor" in sys.argv:
    os.kill(opened._watch.pid, 9)
print(json.dumps([str(opened.folder), server.address]), flush=True)
time.sleep(600)
"""


@contextmanager
def killed_owner(*words: str) -> Generator[tuple[str, str]]:
    """The folder and the server's address of a run in another process, which is killed in the `with`."""
    with subprocess.Popen([sys.executable, "-c", OWNER, *words], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        folder, address = json.loads(running.stdout.readline())
        try:
            assert len(left_of(folder)) == 2
        finally:
            running.kill()
    yield folder, address


def test_nothing_stays_when_the_owner_is_killed() -> None:
    """After kill -9 its janitor removes containers, network and folder."""
    engine_room.demand()
    with killed_owner() as (folder, address):
        assert janitor.await_true(lambda: not Path(folder).exists() and left_of(folder) == (), SECONDS)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, int(address.rpartition(":")[2])), 1.0)


@pytest.mark.parametrize("folder_stays", [True, False])
def test_what_a_killed_run_and_its_janitor_left_is_shown_and_cleaned(*, folder_stays: bool) -> None:
    """By label, also when the run's folder is gone."""
    engine_room.demand()
    with killed_owner("without janitor") as (folder, _):
        names = left_of(folder)
        assert len(names) == 2
        if not folder_stays:
            janitor.remove(Path(folder))
        (leftovers,) = (one for one in doctor.examine() if one.what == "leftovers")
        assert all(name in leftovers.detail for name in names)
        doctor.clean()
        assert left_of(folder) == ()
        assert not Path(folder).exists()


def test_what_runs_that_go_on_have_is_no_leftover() -> None:
    """Nor is what runs on other machines have in the same engine."""
    engine_room.demand()
    with Workspace.open() as opened, Dock.open(opened) as dock:
        server = ContainerRedis.start(dock)
        try:
            assert not {dock.network.name, server.container.name} & {one.name for one in sweeper.all_orphans()}
            stranger(dock)
        finally:
            server.remove()


def stranger(dock: Dock) -> None:
    """See to it that what belongs to another machine is left alone."""
    elsewhere = dock.engine.client.networks.create(
        "conform-test-elsewhere", labels={naming.MACHINE: "another", naming.OWNER: "1 1"}
    )
    try:
        assert "conform-test-elsewhere" not in {one.name for one in sweeper.all_orphans()}
    finally:
        elsewhere.remove()
