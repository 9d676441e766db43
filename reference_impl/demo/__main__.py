"""Runs the platform alone, with servers, an LLM provider and sample data of its own, until Ctrl-C."""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo import embedded, sample  # noqa: E402 - the path above makes it importable
from demo.people import PASSWORD, Platform  # noqa: E402 - the path above makes it importable
from demo.provider import FakeProvider  # noqa: E402 - the path above makes it importable

USUAL_PORT = 8000


def main() -> None:
    """Start everything, say where it is, and wait to be ended."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    port = _arguments().port or _usual_or_free_port()
    try:
        with _platform(port), Platform(port) as platform:
            print("Filling in sample data …", flush=True)
            _welcome(port, sample.fill(platform))
            signal.pause()
    except KeyboardInterrupt:
        print("\nEnded; nothing was left behind.")


@contextmanager
def _platform(port: int) -> Generator[None]:
    """Run the platform and whatever it needs while the block lasts."""
    print("Starting PostgreSQL, Valkey and the platform …", flush=True)
    with embedded.postgres() as database, embedded.redis() as bus, FakeProvider() as provider:
        settings = {"DATABASE_URL": database, "REDIS_URL": bus, "AUTH_JWT_SECRET_KEY": secrets.token_hex(32)}
        environment = {**os.environ, **settings, **provider.environment, "PYTHONPATH": str(ROOT)}
        migrate = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"]
        subprocess.run(migrate, env=environment, check=True, stderr=subprocess.DEVNULL)
        serve = [sys.executable, "-m", "uvicorn", "omoi_os.api.main:app", "--port", str(port), "--log-level", "warning"]
        with embedded.running(serve, port, cwd=ROOT, env=environment):
            yield


def _welcome(port: int, shown: sample.Sample) -> None:
    """Say where the platform is and who may enter."""
    print(f"\n  http://127.0.0.1:{port}/?project={shown.project}&spec={shown.spec}\n")
    for email, role in shown.people.items():
        print(f"  {email:<22} {role}")
    print(f"\n  Password of all three: {PASSWORD}\n  The API is described at http://127.0.0.1:{port}/docs\n")
    print("Ctrl-C ends it and removes everything.", flush=True)


def _arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python reference_impl/demo", description=__doc__)
    parser.add_argument("--port", type=int, help=f"port to serve on (default: {USUAL_PORT}, or a free one)")
    return parser.parse_args()


def _usual_or_free_port() -> int:
    """Return the usual port, or a free one when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((embedded.LOOPBACK, USUAL_PORT))
        except OSError:
            return embedded.free_port()
    return USUAL_PORT


if __name__ == "__main__":
    main()
