"""Which interpreter a run uses: the one that was named, the platform's prepared one, or our own."""

import sys
from pathlib import Path

from harness.environments import environment
from harness.errors import Misuse
from harness.targets import index


def interpreter(target: str, source: Path | None, *, named: str) -> str:
    """The platform's Python; our own, which has few of its dependencies, where nobody prepared one."""
    if named != sys.executable or source is None or not index.find(target).own_environment:
        return named
    found = environment.find(source.resolve())
    return found.python if found else named


def is_lacking(target: str, *, chosen: str) -> bool:
    """Whether a target that needs an environment of its own will have to do without one."""
    return chosen == sys.executable and index.find(target).own_environment


def verify(target: str) -> None:
    """Refuse to prepare what runs in our own interpreter."""
    if not index.find(target).own_environment:
        raise Misuse(f"the target {target} needs no environment of its own", hint="run it right away")
