"""Answers the harness's questions from inside the platform's own Python, one JSON line for one JSON line.

Started as `python -u <this folder>` in the platform's source root; with a command and its words it runs that alone.
Only the standard library is used, since nothing else is known to be there. The channel is moved away from descriptors
0 and 1 at once, so that whatever the platform prints goes to stderr and can never be mistaken for an answer.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any, BinaryIO

FOLDER = Path(__file__).resolve().parent
# The folder becomes a package of its own name: the platform may well have a module called `scan`.
PACKAGE = "conform_worker"
FRAMES_KEPT = 30
MESSAGE_KEPT = 4000


def serve() -> None:
    """Answer every request until the harness closes the channel."""
    requests, answers = take_channel()
    open_package()
    importlib.import_module(f"{PACKAGE}.lifeline").die_with_parent()
    say(answers, {"hello": list(sys.version_info[:3])})
    for line in requests:
        say(answers, answer(json.loads(line)))


def take_channel() -> tuple[BinaryIO, BinaryIO]:
    """Move the channel to private descriptors; stdin becomes empty and stdout becomes stderr."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def open_package() -> None:
    """Make this folder importable under its own name and put the platform first on the path in its place."""
    package = types.ModuleType(PACKAGE)
    package.__path__ = [str(FOLDER)]
    sys.modules[PACKAGE] = package
    elsewhere = [entry for entry in sys.path if Path(entry or ".").resolve() != FOLDER]
    sys.path[:] = [str(Path.cwd()), *elsewhere]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run one command; everything that it raises, even SystemExit, is an answer too."""
    try:
        value = find(request["command"])(**request["arguments"])
        json.dumps(value)
    except BaseException as error:  # noqa: BLE001 - the platform may raise anything at all
        return {"id": request["id"], "ok": False, "error": describe(error)}
    return {"id": request["id"], "ok": True, "value": value}


def find(command: str) -> Any:
    """The function `name` of the module `stem` in this folder, for the command `stem.name`."""
    blame = importlib.import_module(f"{PACKAGE}.blame")
    stem, _, name = command.partition(".")
    known = {path.stem for path in FOLDER.glob("*.py")} - {"__main__"}
    if stem not in known or not name.isidentifier() or name.startswith("_"):
        raise blame.CannotLook(f"no command called {command!r}")
    found = getattr(importlib.import_module(f"{PACKAGE}.{stem}"), name, None)
    if not callable(found):
        raise blame.CannotLook(f"no command called {command!r}")
    return found


def describe(error: BaseException) -> dict[str, Any]:
    """The error as data: its type, its message, the last frames, whose fault it is, and which module it lacks."""
    blame = importlib.import_module(f"{PACKAGE}.blame")
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_KEPT:]
    return {
        "type": type(error).__name__,
        "message": words(error)[:MESSAGE_KEPT],
        "frames": [{"file": frame.filename, "line": frame.lineno or 0, "function": frame.name} for frame in frames],
        "ours": blame.is_ours(error),
        "broken": blame.is_bug(error),
        "missing": blame.missing(error),
        "dependency": blame.dependency(error),
    }


def words(error: BaseException) -> str:
    """What the error says, without the values that SQLAlchemy lists; an error whose own text raises says nothing."""
    try:
        return str(error).partition("\n[parameters: ")[0]
    except Exception:  # noqa: BLE001 - the platform's __str__ may raise anything
        return ""


def say(answers: BinaryIO, message: dict[str, Any]) -> None:
    """Send one line."""
    answers.write(json.dumps(message).encode("utf-8") + b"\n")
    answers.flush()


def run_one(command: str, *words: str) -> None:
    """Run one command and end with it; what it finds it writes to a file that the words name."""
    open_package()
    find(command)(*words)


if __name__ == "__main__":
    run_one(*sys.argv[1:]) if sys.argv[1:] else serve()
