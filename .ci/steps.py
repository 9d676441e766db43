"""Runs the commands of the CI files on this machine, read from the files themselves, so that the two never differ.

`python .ci/steps.py github FOLDER NAME=VALUE…` runs every job of the GitHub workflow in a folder where the checkouts
of its jobs lie already, `gitlab` those of the GitLab file; the settings replace those of the file. What a hosted runner
does by itself (checkouts, caches, artifacts) is left out: all jobs share the folder. Ends with the exit code of the
first job that failed. Without a folder, the commands are only shown to shellcheck.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).resolve().parent.parent
FILES: Final = {
    "github": HERE / ".github" / "workflows" / "conformance.yml",
    "gitlab": HERE / ".gitlab" / "conformance.yml",
}
NUMBER: Final = "4711"
BASH: Final = ("bash", "--noprofile", "--norc", "-eo", "pipefail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Commands that one shell of a job runs, in a folder below the job's, with settings of their own."""

    job: str
    commands: str
    folder: str = "."
    settings: Mapping[str, str]


def github(told: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Step]:
    """The steps of every job of a workflow, once for each element of its matrix."""
    known = {"github.repository": "the/harness", "github.run_id": NUMBER}
    common = {**_filled(told["env"], known), **given}
    for name, job in told["jobs"].items():
        for shard in job.get("strategy", {}).get("matrix", {}).get("shard", ("",)):
            for step in job["steps"]:
                if "run" in step:
                    own = _filled(step.get("env", {}), {**known, "matrix.shard": shard})
                    yield Step(
                        job=f"{name} {shard}",
                        commands=step["run"],
                        folder=told["defaults"]["run"]["working-directory"],
                        settings={**common, **own},
                    )


def gitlab(told: Mapping[str, Any], given: Mapping[str, str]) -> Iterator[Step]:
    """The script of every job of a GitLab file, once for each of those that run side by side."""
    known = {"CI_PIPELINE_ID": NUMBER, "CI_REPOSITORY_URL": str(HERE), "CI_COMMIT_SHA": "HEAD", "CI_PROJECT_DIR": "."}
    common = {name: Template(value).substitute(known) for name, value in told["variables"].items()}
    for name, own in told.items():
        if "script" not in own:
            continue
        job = {**told.get(own.get("extends"), {}), **own}
        count = job.get("parallel", 1)
        for place in range(1, count + 1):
            yield Step(
                job=f"{name} {place}/{count}",
                commands="\n".join((*job.get("before_script", ()), *job["script"])),
                settings={**known, **common, **given, "CI_NODE_INDEX": str(place), "CI_NODE_TOTAL": str(count)},
            )


def run(steps: Iterator[Step], folder: Path) -> int:
    """Run the steps of every job up to its first that fails; gives the first code that was not 0."""
    failed: dict[str, int] = {}
    for step in steps:
        if step.job in failed:
            continue
        print(f"--- {step.job}: {step.commands.strip().splitlines()[-1]}", flush=True)
        settings = {**os.environ, "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **step.settings}
        done = subprocess.run((*BASH, "-c", step.commands), cwd=folder / step.folder, env=settings, check=False)
        if done.returncode:
            failed[step.job] = done.returncode
    return next(iter(failed.values()), 0)


def examine(steps: Iterator[Step]) -> int:
    """Show each script to shellcheck; gives the number of those in which it found something."""
    scripts = dict.fromkeys(step.commands for step in steps)
    command = ("shellcheck", "--shell=bash", "-")
    return sum(
        # Runners stop at the first command that fails.
        subprocess.run(command, input=f"set -eo pipefail\n{script}", text=True, check=False).returncode
        for script in scripts
    )


def _filled(settings: Mapping[str, object], known: Mapping[str, str]) -> dict[str, str]:
    """The settings with what their expressions stand for; an expression that nobody knows here is an error."""
    return {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], str(value))
        for name, value in settings.items()
    }


def main(kind: str, folder: str = "", *settings: str) -> int:
    """Read the file of a kind, and run or examine its steps."""
    told = yaml.safe_load(FILES[kind].read_text(encoding="utf-8"))
    given = dict(setting.split("=", 1) for setting in settings)
    steps = github(told, given) if kind == "github" else gitlab(told, given)
    return run(steps, Path(folder).resolve()) if folder else examine(steps)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
