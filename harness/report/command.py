"""The command that repeats one check, ready to be pasted into a shell at the suite's folder."""

import shlex
from pathlib import PurePath
from typing import Final

from harness.model import Check, Run

# What `conform run` judges when no source is named; naming it again would only lengthen the command.
DEFAULT_SOURCE: Final = "reference_impl"


def repeating(run: Run, check: Check) -> str:
    """Words of `conform run` that judge this check alone, with the same inputs."""
    source = _from_suite(run, run.target.source)
    words = ["conform", "run", "--target", _from_suite(run, run.target.name)]
    if source != DEFAULT_SOURCE:
        words += ["--source", source]
    # The flag of the hardened check itself, so that a command for a check left out does run it.
    profile = "hardened" if check.profile == "hardened" else run.profile
    words += ["--profile", profile, "--seed", str(run.environment.seed), "--only", check.id]
    return shlex.join(words)


def _from_suite(run: Run, path: str) -> str:
    """The path as seen from the suite's folder when it lies below it, else as it was given."""
    pure = PurePath(path)
    return str(pure.relative_to(run.suite)) if run.suite and pure.is_relative_to(run.suite) else path
