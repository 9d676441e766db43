"""Imports each module first in a process of its own: third-party packages are loaded once, then a fork per module.

The parent never imports a module of the platform, so each child is as fresh as a new interpreter, and much faster.
"""

from __future__ import annotations

import gc
import importlib
import logging
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from .failures import Package
from .groups import examine_all
from .resolving import Examination


def examine(
    package: str, modules: list[dict[str, Any]], *, preload: list[str], identity: list[str], deadline_each: float
) -> dict[str, Any]:
    """Import every module given, each in its own child, and report what came of it.

    A module is {"module", "path", "executed", "imports"}; `identity` names the class whose home is asked, and the
    modules that it is asked of come by themselves. `deadline_each` in seconds holds for each child.
    """
    inside = Package(name=package, root=Path.cwd())
    # Whatever is imported stays: looking for garbage meanwhile takes a good part of the time.
    gc.disable()
    missing = load(preload, inside)
    forget(package)
    keep_compiled()
    # A dependency may have every word of every library written out in colour, for whom nobody listens.
    logging.disable()
    gc.freeze()
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks when a dependency has threads
    reports = examine_all([Examination(module, inside, identity) for module in modules], deadline=deadline_each)
    return {"reports": reports, "missing": missing}


def load(names: list[str], inside: Package) -> list[dict[str, Any]]:
    """Import third-party modules into the parent; what fails here fails again, and properly, in each child."""
    failed: list[dict[str, Any]] = []
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # noqa: BLE001 - a dependency may raise anything, also SystemExit
            failed.append({"name": name, "failure": inside.failure(error)})
    return failed


def forget(package: str) -> None:
    """Unload the platform, should a dependency have imported it (through an entry point, say)."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def keep_compiled() -> None:
    """Let the children compile each module of the platform once among them, and nowhere near its source."""
    sys.pycache_prefix = tempfile.mkdtemp(prefix="compiled-")
    sys.dont_write_bytecode = False
