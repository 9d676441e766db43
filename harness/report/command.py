"""The command that repeats one check, ready to be pasted into a shell at the suite's folder."""

import shlex

from harness.model import Check, Run


def repeating(run: Run, check: Check) -> str:
    """Words of `conform run` that judge this check alone, on the same target with the same inputs."""
    # The flag of the hardened check itself, so that a command for a check left out does run it.
    profile = "hardened" if check.profile == "hardened" else run.profile
    drawn = ("--profile", profile, "--seed", str(run.environment.seed), "--only", check.id)
    return shlex.join(("conform", "run", *run.options, *drawn))
