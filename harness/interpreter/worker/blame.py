"""Tells whose fault an exception is: the platform's, this worker's, or that of an interpreter that lacks something."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from typing import Any

from .failures import internal, is_foreign

FOLDER = Path(__file__).resolve().parent


class CannotLook(Exception):
    """The command could not do its work for a reason that is not the platform's; the harness cannot tell."""


class NotInstalled(CannotLook):
    """This interpreter lacks what the worker itself needs in order to look."""

    def __init__(self, error: ImportError, module: str) -> None:
        super().__init__(f"{module} does not import here: {error}")
        self.module = module


class Unfit(Exception):
    """The worker refuses what the platform offers, on purpose: its innermost frame is ours, its fault is not."""


def required(module: str) -> Any:
    """A module of a dependency that the worker itself needs; NotInstalled when it is not there."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise NotInstalled(error, module.partition(".")[0]) from error


def is_ours(error: BaseException) -> bool:
    """Whether nothing follows for the platform: we could not look, or our own code broke."""
    if isinstance(error, Unfit):
        return False
    return isinstance(error, CannotLook) or is_bug(error)


def is_bug(error: BaseException) -> bool:
    """Whether the error arose in a file of this folder without being raised on purpose."""
    if isinstance(error, (CannotLook, Unfit)) or error.__traceback__ is None:
        return False
    innermost = error.__traceback__
    while innermost.tb_next is not None:
        innermost = innermost.tb_next
    return Path(innermost.tb_frame.f_code.co_filename).parent == FOLDER


def missing(error: BaseException) -> str:
    """The third-party module whose absence the error tells of, or nothing."""
    if isinstance(error, NotInstalled):
        return error.module
    name = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    return "" if is_own(name.partition(".")[0]) else name


def dependency(error: BaseException) -> str:
    """The file of an installed dependency in which an import failed, or nothing.

    What the platform itself does not have is its own fault, whoever looked for it.
    """
    if not isinstance(error, ImportError) or is_beside((error.name or "").partition(".")[0]):
        return ""
    frames = [one.filename for one in traceback.extract_tb(error.__traceback__) if not internal(one.filename)]
    return frames[-1] if frames and is_foreign(frames[-1], str(Path.cwd())) else ""


def is_own(top: str) -> bool:
    """Whether a top-level module lies in the platform's source root, or belongs to Python itself."""
    return top in sys.stdlib_module_names or is_beside(top)


def is_beside(top: str) -> bool:
    """Whether a top-level module lies in the platform's source root."""
    root = Path.cwd()
    return bool(top) and ((root / top / "__init__.py").is_file() or (root / f"{top}.py").is_file())
