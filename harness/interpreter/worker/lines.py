"""Measures which lines of some files are executed, by coverage.py: the platform's own, or else one that is lent.

The platform's configuration of it does not decide: every line that can be executed counts, whatever a comment says.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

# These never run: what only a type checker reads, and bodies that are three dots.
IDLE = (r"^\s*(if|elif) (typing\.)?TYPE_CHECKING:", r"^\s*\.\.\.\s*(#|$)")
OPTIONS = ("run:omit", "report:omit")
EXCLUDING = "report:exclude_lines"


class Meter:
    """Counts the lines of files, given by their paths below the source root, that are executed in any thread."""

    def __init__(self, measured: list[str], lent: str) -> None:
        self.paths = [str(Path(path).resolve()) for path in measured]
        self.lent = lent
        self.coverage: Any = None
        self.trouble = ""

    def start(self) -> None:
        """Count from here; what keeps it from counting is told in the end."""
        try:
            self.coverage = started(found(self.lent), self.paths)
        except Exception as error:  # noqa: BLE001 - none of it is the platform's fault
            self.trouble = f"{type(error).__name__}: {error}"

    def stop(self) -> dict[str, Any] | None:
        """Count no further; gives the fact that tells what was counted, or nothing if pytest never got to begin."""
        if self.coverage:
            try:
                return self.counted()
            except Exception as error:  # noqa: BLE001 - none of it is the platform's fault
                self.trouble = f"{type(error).__name__}: {error}"
        return {"kind": "unmeasured", "words": self.trouble} if self.trouble else None

    def counted(self) -> dict[str, Any]:
        """What was executed of each file, and what the platform's configuration would have left out."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.coverage.stop()
            files = report(self.coverage, self.paths, IDLE)
            omitted, excluding = settings(sys.modules["coverage"])
            hidden = report(self.coverage, self.paths, (*IDLE, *excluding))
        return {
            "kind": "covered",
            "by": f"coverage {sys.modules['coverage'].__version__}",
            "files": [told(path, files, hidden) for path in self.paths],
            "omitted": omitted,
            "elsewhere": elsewhere(self.paths),
        }


def found(lent: str) -> Any:
    """The platform's coverage.py, or the one in the folder that is lent."""
    try:
        import coverage  # noqa: PLC0415 - whether it is there is the question
    except ImportError:
        sys.path.append(lent)
        import coverage  # noqa: PLC0415 - it is there now
    return coverage


def started(coverage: Any, paths: list[str]) -> Any:
    """A measurement that has begun, in threads and, where they are used and can be followed, in greenlets."""
    for concurrency in (["thread", "greenlet"], ["thread"]):
        begun = coverage.Coverage(
            data_file=None, config_file=False, branch=True, include=paths, concurrency=concurrency, messages=False
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                begun.start()
        except Exception:  # noqa: BLE001, S112 - without greenlets, or without its C part, it follows threads alone
            continue
        return begun
    raise RuntimeError("coverage.py follows neither threads nor greenlets here")


def report(coverage: Any, paths: list[str], excluding: tuple[str, ...]) -> dict[str, Any]:
    """What coverage.py says of each file, by path, when these lines are left out."""
    coverage.clear_exclude()
    coverage.clear_exclude("partial")
    for lines in excluding:
        coverage.exclude(lines)
    handle, name = tempfile.mkstemp(suffix=".json")
    os.close(handle)
    try:
        coverage.json_report(morfs=paths, outfile=name)
        said = json.loads(Path(name).read_text(encoding="utf-8"))
    finally:
        Path(name).unlink()
    return {str(Path(path).resolve()): one for path, one in said["files"].items()}


def settings(coverage: Any) -> tuple[list[str], list[str]]:
    """The files that the platform's configuration leaves out, and the lines, as patterns."""
    try:
        own = coverage.Coverage(data_file=None)
        return [one for option in OPTIONS for one in own.get_option(option) or ()], own.get_option(EXCLUDING) or []
    except Exception as error:  # noqa: BLE001 - a broken configuration decides nothing
        return [f"nothing, for it cannot be read: {error}"], []


def told(path: str, files: dict[str, Any], hidden: dict[str, Any]) -> dict[str, Any]:
    """What was executed of one file."""
    one, summary = files[path], files[path]["summary"]
    kept = {*one["executed_lines"], *one["missing_lines"]}
    return {
        "path": str(Path(path).relative_to(Path.cwd())),
        "statements": len(kept),
        "missing": one["missing_lines"],
        "excluded": sorted(kept & set(hidden[path]["excluded_lines"])),
        "branches": summary.get("num_branches", 0),
        "taken": summary.get("covered_branches", 0),
    }


def elsewhere(paths: list[str]) -> str:
    """Where a measured file was imported from, if that is not where it was measured; else nothing."""
    root = Path.cwd()
    for path in paths:
        name = ".".join(Path(path).relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        home = getattr(sys.modules.get(name), "__file__", None)
        if home and str(Path(home).resolve()) != path:
            return str(home)
    return ""
