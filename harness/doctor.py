"""Whether this machine can run the harness: what is there, what is missing, and what to do about it."""

import importlib.util
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from harness.errors import CannotTell, ConformError
from harness.services import (
    addresses,
    browser,
    browser_package,
    choice,
    embedded_redis,
    kinds,
    node,
    postgres_binaries,
    workspace,
)
from harness.services.browser import Chromium
from harness.services.containers import sweeper
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace

Health = Literal["ok", "warning", "missing"]
PYTHON_FLOOR = (3, 11)
START_SECONDS = 2.0
FREE_BYTES = 1024**3
MEMORY_BYTES = 1024**3
GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing looked at: how it is, in figures, and the next action when it is not well."""

    what: str
    health: Health
    detail: str
    hint: str = ""


def examine(services: str = kinds.EMBEDDED) -> tuple[Symptom, ...]:
    """Look at everything that a run needs, services started for real, and those that were given; takes seconds."""
    looks: dict[str, Callable[[str], Symptom]] = {
        "Python": _python,
        "temporary folder": _folder,
        "disk": _disk,
        "memory": _memory,
        "PostgreSQL programs": _postgres_programs,
        "PostgreSQL server": _postgres,
        "Redis server": _redis,
        "pyright": _typing,
        "browser": _browser,
        "containers": _containers,
        "leftovers": _leftovers,
    }
    if addresses.are(services):
        looks |= {"given services": partial(_given, services)}
    return tuple(_look(what, look) for what, look in looks.items())


def clean(services: str = kinds.EMBEDDED) -> tuple[str, ...]:
    """End and remove what runs left that were killed together with their janitor; returns the names of what is gone."""
    folders = (folder.name for folder in workspace.clean_stale())
    contained = (f"{one.kind} {one.name}" for one in sweeper.clean_orphans())
    return (*folders, *contained, *choice.clean(services))


def _look(what: str, look: Callable[[str], Symptom]) -> Symptom:
    try:
        return look(what)
    except ConformError as error:
        return Symptom(what=what, health="missing", detail="; ".join((error.message, *error.causes)), hint=error.hint)
    except OSError as error:
        return Symptom(
            what=what, health="missing", detail=str(error), hint="Set TMPDIR to a folder that may be written."
        )


def _python(what: str) -> Symptom:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] >= PYTHON_FLOOR:
        return Symptom(what=what, health="ok", detail=found)
    floor = ".".join(map(str, PYTHON_FLOOR))
    return Symptom(what=what, health="missing", detail=found, hint=f"Use Python {floor} or newer.")


def _folder(what: str) -> Symptom:
    with Workspace.open() as opened:
        opened.path("probe").write_bytes(b"x" * 4096)
        return Symptom(what=what, health="ok", detail=f"{opened.folder.parent} may be written")


def _disk(what: str) -> Symptom:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    detail = f"{free / GIB:.1f} GiB free at {folder}"
    if free >= FREE_BYTES:
        return Symptom(what=what, health="ok", detail=detail)
    return Symptom(what=what, health="warning", detail=detail, hint="Free some space, or set TMPDIR.")


def _memory(what: str) -> Symptom:
    available = _available_memory()
    if available is None:
        return Symptom(what=what, health="ok", detail="not stated by this system")
    detail = f"{available / GIB:.1f} GiB available"
    if available >= MEMORY_BYTES:
        return Symptom(what=what, health="ok", detail=detail)
    return Symptom(what=what, health="warning", detail=detail, hint="End other programs.")


def _available_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    stated = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return int(stated.split()[1]) * 1024 if stated else None


def _postgres_programs(what: str) -> Symptom:
    found = postgres_binaries.find()
    detail = f"PostgreSQL {found.version} from {found.origin}, {found.folder}"
    return Symptom(what=what, health="ok", detail=detail)


def _postgres(what: str) -> Symptom:
    with Workspace.open() as opened:
        begun = time.perf_counter()
        server = EmbeddedPostgres.start(opened)
        seconds = time.perf_counter() - begun
        return _started(what, f"PostgreSQL {server.version}", seconds)


def _redis(what: str) -> Symptom:
    with Workspace.open() as opened:
        begun = time.perf_counter()
        server = EmbeddedRedis.start(opened)
        seconds = time.perf_counter() - begun
        return _started(what, f"{server.version} from {embedded_redis.find_binary()}", seconds)


def _started(what: str, name: str, seconds: float) -> Symptom:
    detail = f"{name} started in {seconds:.2f} s"
    if seconds <= START_SECONDS:
        return Symptom(what=what, health="ok", detail=detail)
    return Symptom(what=what, health="warning", detail=detail, hint="This machine is busy or its disk slow.")


def _given(services: str, what: str) -> Symptom:
    return Symptom(what=what, health="ok", detail=f"{' and '.join(choice.verify(services))} may be used")


def _typing(what: str) -> Symptom:
    if importlib.util.find_spec("pyright") is None:
        return _without_typing(what, "pyright is not installed")
    found = node.find()
    if found is None:
        return _without_typing(what, "pyright is installed, but no Node to run it")
    try:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return _without_typing(what, f"the Node at {found} does not run: {error}")
    return Symptom(what=what, health="ok", detail=f"installed, with Node {answer.stdout.strip()} at {found}")


def _without_typing(what: str, detail: str) -> Symptom:
    return Symptom(what=what, health="missing", detail=detail, hint="Install the package pyright[nodejs].")


def _browser(what: str) -> Symptom:
    with Workspace.open() as opened:
        try:
            with Chromium.open(opened, browser.at_hand()) as found:
                return _opening(what, found)
        except CannotTell as error:
            return _without_browser(what, error)


def _opening(what: str, found: Chromium) -> Symptom:
    where = found.chosen.program or "where Playwright keeps it"
    detail = f"{found.version} opens a page, from {found.chosen.origin}, {where}"
    named = tuple(one for one in found.chosen.passed_over if one.startswith(browser.VARIABLE))
    if not named:
        return Symptom(what=what, health="ok", detail=detail)
    hint = f"Let {browser.VARIABLE} name a browser that opens a page, or unset it."
    return Symptom(what=what, health="warning", detail="; ".join((detail, *named)), hint=hint)


def _without_browser(what: str, error: CannotTell) -> Symptom:
    detail = "; ".join((error.message, *error.causes))
    if not browser_package.fits():
        return Symptom(what=what, health="missing", detail=detail, hint=error.hint)
    fetched = f"{browser_package.NAME} {browser_package.VERSION} ({browser_package.MEGABYTES} MB) into the user's cache"
    return Symptom(what=what, health="warning", detail=detail, hint=f"A run will fetch {fetched}. {error.hint}")


def _containers(what: str) -> Symptom:
    chosen = kinds.choose("auto")
    if chosen.kind != kinds.CONTAINERS:
        return Symptom(what=what, health="ok", detail=f"services are embedded, since {chosen.because}")
    return Symptom(what=what, health="ok", detail=f"{chosen.versions['engine']} answers, and has the images")


def _leftovers(what: str) -> Symptom:
    stale = (*(folder.name for folder in workspace.stale_workspaces()), *(one.name for one in sweeper.all_orphans()))
    if not stale:
        return Symptom(what=what, health="ok", detail="no run left anything behind")
    names = ", ".join(stale)
    return Symptom(what=what, health="warning", detail=f"{len(stale)}: {names}", hint="Run `conform doctor --clean`.")
