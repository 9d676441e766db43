"""The installer that does the work, as a program of its own."""

import subprocess
from pathlib import Path
from typing import Final

import uv

from harness.errors import ConformError

_QUIET_SECONDS: Final = 60.0
_TOLD_LINES: Final = 6


class NotInstallable(ConformError):
    """The environment could not be made: a package is not to be had, or does not fit."""

    code = "not-installable"


def ask(*words: str, folder: Path) -> str:
    """What uv prints for a question that needs nothing from elsewhere; NotInstallable with its reasons otherwise."""
    try:
        answer = subprocess.run(
            (uv.find_uv_bin(), *words), cwd=folder, capture_output=True, text=True, timeout=_QUIET_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstallable(f"uv {words[0]} did not answer", causes=(str(error),)) from error
    if answer.returncode != 0:
        said = tuple(line.strip() for line in answer.stderr.splitlines() if line.strip())
        raise NotInstallable(f"uv {words[0]} refused", causes=said[-_TOLD_LINES:])
    return answer.stdout


def work(*words: str, folder: Path) -> None:
    """Have uv do something that takes a while; it tells by itself how far it is."""
    done = subprocess.run((uv.find_uv_bin(), *words), cwd=folder, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        hint = "what was fetched is kept: the same command goes on from there"
        raise NotInstallable(f"uv {' '.join(words[:2])} ended with code {done.returncode}", hint=hint)
