"""Which interpreter a run uses: the one that was named, the platform's prepared one, or our own."""

import os
import sys
from pathlib import Path

from harness.environments import environment
from harness.environments.environment import Tell
from harness.errors import Misuse
from harness.targets import index


def interpreter(target: str, source: Path | None, *, named: str, tell: Tell) -> str:
    """The platform's Python; our own, with a word of what it lacks, where one is needed and nobody prepared it."""
    if named == sys.executable and source is not None and needs_one(target):
        found = environment.find(source.resolve())
        if found:
            if found.omitted:
                names = ", ".join(line.partition("==")[0] for line in found.omitted)
                tell(f"Its environment was made without {names}: what needs them is undetermined")
            return found.python
        tell(f"Nobody prepared an environment: conform prepare {target} --source {source} makes one")
    return os.path.abspath(named) if os.sep in named else named  # noqa: PTH100 - a venv's python is a link to follow no further


def is_apart(target: str, python: str) -> bool:
    """Whether a platform runs in an interpreter of its own, or is to."""
    return python != sys.executable or needs_one(target)


def needs_one(target: str) -> bool:
    """Whether a target runs in an environment of its own."""
    return index.find(target).own_environment


def verify(target: str) -> None:
    """Refuse to prepare what runs in our own interpreter."""
    if not needs_one(target):
        raise Misuse(f"the target {target} needs no environment of its own", hint="run it right away")
