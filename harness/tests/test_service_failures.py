"""A service that cannot start says why in one line, and what to do."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.errors import ServiceDidNotStart
from harness.services import postgres_binaries
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.port import LOOPBACK, free_port
from harness.services.workspace import Workspace

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A run's folder, gone after the test."""
    with Workspace.open() as opened:
        yield opened


def taken_then_free(taken: int) -> Callable[[], int]:
    """A choice of ports whose first one is taken, as when somebody was quicker."""
    ports = iter((taken,))
    return lambda: next(ports, 0) or free_port()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server((LOOPBACK, 0)) as stranger:
        yield int(stranger.getsockname()[1])


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


def test_a_given_bus_program_is_not_replaced_however_it_is_spelled(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path that is not normalised is still what was asked for."""
    monkeypatch.setenv("CONFORM_REDIS_SERVER", f"{tmp_path}//absent//server")
    with pytest.raises(ServiceDidNotStart, match="cannot be executed"):
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
