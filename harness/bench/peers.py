"""The import graph beside import-linter's own command, and the migrations beside pytest-alembic, in turns."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from harness.bench.figures import Versus
from harness.probes import migrations
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.workspace import Workspace
from harness.targets import launch
from harness.targets.launch import Site

# Installed with the reference, and larger than most platforms.
_LARGE: Final = "sqlalchemy"
_CONTRACT: Final = """
[importlinter]
root_package = {package}

[importlinter:contract:cycles]
name = no cycle between siblings
type = acyclic_siblings
ancestors = {package}
"""
_ENGINE: Final = """
import os

import pytest
from sqlalchemy import create_engine


@pytest.fixture
def alembic_engine():
    return create_engine(os.environ["DATABASE_URL"])
"""
_TRIPS: Final = "from pytest_alembic.tests import test_single_head_revision, test_up_down_consistency, test_upgrade\n"

Ours = Callable[[], object]


def measure(reference: Path, *, rounds: int) -> None:
    """Print both sides of each comparison."""
    print("\nbeside peers, whole commands; a ratio below 1 says that ours is faster")
    for source, package in ((reference, "omoi_os"), (_site_packages(), _LARGE)):
        print(_graphs(source, package, rounds))
    print(_migrations(reference, rounds))


def _graphs(source: Path, package: str, rounds: int) -> Versus:
    """Cycles in the import graph of a package; either side starts a Python of its own."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "contract.ini"
        config.write_text(_CONTRACT.format(package=package), encoding="utf-8")
        path = {"PYTHONPATH": str(source)}
        linter = (_beside("lint-imports"), "--config", str(config), "--no-cache")
        ours = (sys.executable, "-m", "harness.bench.graph", str(source), package)
        # A contract that is broken has been checked as well: what cycles a package has is not the matter here.
        pair = (lambda: _command(ours, {}, codes=(0,)), lambda: _command(linter, path, codes=(0, 1)))
        own, theirs = _in_turns(*pair, rounds)
    return Versus(what=f"import graph of {package}", ours=own, peer="lint-imports", theirs=theirs)


def _migrations(reference: Path, rounds: int) -> Versus:
    """Every revision up, down and up, on PostgreSQL; ours compares the whole schema after each step besides."""
    with Workspace.open() as workspace:
        server = EmbeddedPostgres.start(workspace)
        try:
            site = Site(source=reference, python=sys.executable, workspace=workspace)
            ground = launch.ground(site, server)
            copy = _with_tests(reference, workspace)

            def theirs() -> None:
                url = server.url(server.create_database("peer"))
                words = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(copy), "trips")
                _command(
                    (sys.executable, "-m", "pytest", *words), {**ground.env, "DATABASE_URL": url}, cwd=copy, codes=(0,)
                )

            own, other = _in_turns(lambda: migrations.measure_round_trips(ground), theirs, rounds)
        finally:
            server.stop()
    return Versus(what="migrations of the reference", ours=own, peer="pytest-alembic", theirs=other)


def _with_tests(reference: Path, workspace: Workspace) -> Path:
    """A copy of what migrates, with pytest-alembic's own tests in it and none of the platform's."""
    copy = workspace.make_folder("peer")
    for name in ("omoi_os", "migrations"):
        shutil.copytree(reference / name, copy / name)
    shutil.copy(reference / "alembic.ini", copy)
    (copy / "trips").mkdir()
    (copy / "trips" / "conftest.py").write_text(_ENGINE, encoding="utf-8")
    (copy / "trips" / "test_trips.py").write_text(_TRIPS, encoding="utf-8")
    return copy


def _in_turns(ours: Ours, theirs: Ours, rounds: int) -> tuple[float, float]:
    """The median seconds of both, done by turns so that whatever slows the machine slows both."""
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    return median(own for own, _ in pairs), median(other for _, other in pairs)


def _seconds(deed: Ours) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _command(
    words: tuple[str, ...], env: Mapping[str, str], *, codes: tuple[int, ...], cwd: Path | None = None
) -> None:
    done = subprocess.run(words, env={**os.environ, **env}, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise SystemExit(f"{words[0]} ended with code {done.returncode}, so its time says nothing:\n{last}")


def _beside(command: str) -> str:
    """A command of the environment in which we run."""
    return str(Path(sys.executable).with_name(command))


def _site_packages() -> Path:
    """Where the large package is installed."""
    spec = importlib.util.find_spec(_LARGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{_LARGE} is not installed")
    return Path(spec.origin).parents[1]
