"""Describes an exception from the platform's point of view: what it says, and its way through the package."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Any

MESSAGE_KEPT = 1000
FRAMES_KEPT = 25


class Package:
    """The package being examined: tells its own files from those of others."""

    def __init__(self, *, name: str, root: Path) -> None:
        self.name = name
        self.root = str(root)
        self.folder = str(root / name) + "/"

    def failure(self, error: BaseException) -> dict[str, Any]:
        """The exception as data: `missing` is what was not found, `in_dependency` an import that a dependency broke."""
        frames = [one for one in traceback.extract_tb(error.__traceback__) if not internal(one.filename)]
        own = [{"file": self.relative(one.filename), "line": one.lineno or 0} for one in frames if self.holds(one)]
        outside = bool(frames) and is_foreign(frames[-1].filename, self.root)
        if isinstance(error, SyntaxError) and (error.filename or "").startswith(self.folder):
            own.append({"file": self.relative(error.filename or ""), "line": error.lineno or 0})
        return {
            "type": type(error).__name__,
            "message": text(error).replace(f"{self.root}/", "")[:MESSAGE_KEPT],
            "missing": error.name or "" if isinstance(error, ModuleNotFoundError) else "",
            "lacking": lacking(error),
            "in_dependency": outside and isinstance(error, ImportError),
            "frames": own[-FRAMES_KEPT:],
        }

    def holds(self, frame: traceback.FrameSummary) -> bool:
        """Whether a frame is in a file of the package."""
        return frame.filename.startswith(self.folder)

    def relative(self, filename: str) -> str:
        """A file's path below the source root."""
        return filename[len(self.root) + 1 :] if filename.startswith(self.root) else filename


def is_foreign(filename: str, root: str) -> bool:
    """Whether a file belongs to neither the package nor what lies beside it; a virtualenv may lie there too."""
    return not filename.startswith(root) or "site-packages" in filename


def internal(filename: str) -> bool:
    """Whether a frame is the import system's or this worker's own, and so says nothing."""
    return filename.startswith("<frozen ") or filename.endswith("/importlib/__init__.py") or filename in OWN_FILES


def lacking(error: BaseException) -> list[str] | None:
    """The module and the name of "cannot import name"; only newer Pythons keep the name apart from the message."""
    found = NO_SUCH_NAME.match(text(error)) if isinstance(error, ImportError) else None
    return [str(getattr(error, "name", "")), found[1]] if found else None


def text(error: BaseException) -> str:
    """What the error says; an error whose own text raises says nothing."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the platform's __str__ may raise anything
        return ""


NO_SUCH_NAME = re.compile(r"cannot import name '(\w+)'")
OWN_FILES = {str(path) for path in Path(__file__).parent.glob("*.py")}
