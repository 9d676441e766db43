"""Every module can be the first to be imported."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ONE_BY_ONE = """
import gc, importlib, os, sys
# What others wrote is loaded once; only our own modules start from nothing each time.
import argon2, email_validator, fastapi.staticfiles, jwt, psycopg, pydantic.v1, redis, yaml
import sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.orm
gc.disable()
gc.freeze()
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        importlib.import_module(name)
        from sqlalchemy.orm import configure_mappers
        configure_mappers()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{name} cannot be imported first")
"""


def modules() -> list[str]:
    """Return the name of every module of the package."""
    paths = (ROOT / "omoi_os").rglob("*.py")
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)


def test_import_resolution() -> None:
    """Each module is imported first in a process of its own, and its mappers resolve."""
    names = modules()
    assert {"omoi_os.services.cost_tracking", "omoi_os.models.cost_record", "omoi_os.api.main"} <= set(names)
    ended = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_the_documented_layers_hold() -> None:
    """No module imports one of a layer above its own, not even inside a function."""
    layers = ("config", "models", "services", "api")
    examined = 0
    for path in (ROOT / "omoi_os").rglob("*.py"):
        own = path.relative_to(ROOT / "omoi_os").parts[0]
        for above in layers[layers.index(own) + 1 :] if own in layers else ():
            assert f"omoi_os.{above}" not in path.read_text(encoding="utf-8"), path
            examined += 1
    assert examined > 0
