"""Examines a module once more in an interpreter of its own, in which nothing was loaded before.

A fork may break what works: a thread that a library has started does not live on in it, nor does what that one holds.
So a child that crashed, hung or ended says nothing against a module that does none of that when it starts afresh.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .children import POLL, silent
from .failures import Package
from .lifeline import die_with_parent
from .patience import MOST, Patience
from .resolving import Examination

FOLDER = Path(__file__).resolve().parent
# What a parent saw of a child that could not speak for itself.
SEEN_BY_THE_PARENT = frozenset({"Crashed", "Hung", "Exited"})
# It loads by itself what a fork found loaded.
FIRST = 2.0


def confirmed(
    reports: dict[str, dict[str, Any]], examinations: list[Examination], *, deadline: float
) -> dict[str, dict[str, Any]]:
    """The reports, with what a fresh interpreter says of modules whose children could not speak for themselves."""
    doubtful = [one for one in examinations if one.module in reports and is_doubtful(reports[one.module])]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        fresh = list(pool.map(examined, doubtful, [deadline] * len(doubtful)))
    # Who ends the same way in both has said in the fork where that was.
    return {**reports, **{one["module"]: one for one in fresh if not is_doubtful(one)}}


def is_doubtful(report: dict[str, Any]) -> bool:
    """Whether a child could not speak for itself."""
    return report["failure"] is not None and report["failure"]["type"] in SEEN_BY_THE_PARENT


def examined(one: Examination, deadline: float) -> dict[str, Any]:
    """What an interpreter of its own reports of a module, or that it did not come to report anything."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fresh-") as folder:
        report = Path(folder, "report.json")
        asked = {"report": str(report), "package": one.inside.name, "identity": one.identity, "module": one.asked}
        words = (sys.executable, "-u", str(FOLDER), "fresh.tell", json.dumps(asked))
        program = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        patience = Patience(program.pid, FIRST * deadline, longest=MOST * deadline)
        try:
            while program.poll() is None and not patience.is_over():
                time.sleep(POLL)
        finally:
            end(program)
        said = json.loads(report.read_text(encoding="utf-8")) if report.exists() else silence(one)
    return {**said, "seconds": time.monotonic() - started}


def end(program: subprocess.Popen[bytes]) -> None:
    """Let it go, with whatever it has started."""
    try:
        os.killpg(program.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        program.kill()
    program.wait()


def silence(one: Examination) -> dict[str, Any]:
    """The report of a module that ended its interpreter, or hangs there too."""
    return {**one.blank(), "failure": silent("Exited", "said nothing", [])}


def tell(words: str) -> None:
    """Examine one module in this interpreter, write the report down, and leave without running anything at exit."""
    die_with_parent()
    asked = json.loads(words)
    inside = Package(name=asked["package"], root=Path.cwd())
    report = Examination(asked["module"], inside, asked["identity"]).report()
    written = Path(asked["report"])
    written.with_suffix(".part").write_text(json.dumps(report), encoding="utf-8")
    written.with_suffix(".part").replace(written)
    os._exit(0)
