"""Every module can be imported, and those that others begin with as the first."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST = """
import gc, importlib, os, sys
# What others wrote is loaded once; only our own modules start from nothing each time.
import anthropic, argon2, email_validator, fastapi.staticfiles, jwt, openai, psycopg, pydantic.v1, redis, yaml
import sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.orm
gc.disable()
gc.freeze()
for names in sys.argv[1:]:
    child = os.fork()
    if not child:
        for name in names.split():
            importlib.import_module(name)
        sqlalchemy.orm.configure_mappers()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{names} cannot be imported in this order")
"""
# Whatever an agent, a test or a program begins with, and what records costs and guards budgets.
STARTS = (
    "omoi_os.api.main",
    "omoi_os.models.budget",
    "omoi_os.models.cost_record",
    "omoi_os.models.task",
    "omoi_os.services.budget_enforcer",
    "omoi_os.services.cost_tracking",
    "omoi_os.services.event_bus",
    "omoi_os.services.spec_service",
)


def modules() -> list[str]:
    """Return the name of every module of the package."""
    paths = (ROOT / "omoi_os").rglob("*.py")
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths)


def test_import_resolution() -> None:
    """Every module can be imported, be it after those before it by name or after those behind it; some come first."""
    names = modules()
    assert set(STARTS) <= set(names)
    orders = (" ".join(names), " ".join(reversed(names)), *STARTS)
    ended = subprocess.run(
        [sys.executable, "-c", FIRST, *orders], cwd=ROOT, capture_output=True, text=True, check=False
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
