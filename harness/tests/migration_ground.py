"""A real PostgreSQL server and the miniature platforms whose migrations are tried on it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from harness.observe.scratch import Ground
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.workspace import Workspace

MINIATURES = Path(__file__).parents[2] / "fixtures" / "miniatures" / "migrations"


@contextmanager
def postgres() -> Generator[EmbeddedPostgres]:
    """A server for the tests of one module."""
    with Workspace.open() as workspace:
        server = EmbeddedPostgres.start(workspace)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def miniature(server: EmbeddedPostgres, defect: str | None = None) -> Generator[Ground]:
    """The sound miniature with one defect laid over it, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        for layer in ("sound", *((defect,) if defect else ())):
            assert (MINIATURES / layer).is_dir()
            shutil.copytree(MINIATURES / layer, source, dirs_exist_ok=True)
        yield Ground(python=sys.executable, source=source, server=server, env={"PATH": os.environ["PATH"]})
