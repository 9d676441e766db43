"""What an agent of OmoiOS runs in its sandbox, run here: it calls the provider, and reports to the platform."""

import os
import re
import shutil
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg import Connection

from harness.errors import CannotTell, OutOfReach
from harness.services.databases import connect
from harness.services.room import Process
from harness.targets.inside import Inside
from harness.targets.terms import Instance

PROGRAM: Final = "omoi_os/workers/claude_sandbox_worker.py"
WORK_SECONDS: Final = 60.0
# Where its command writes notes on each folder that it works in, whatever it is told of temporary files.
NOTES: Final = Path("/tmp/claude")  # noqa: S108 - the command's own choice
# It says that it waits for more to do once whatever it reported before was answered, be it that it failed.
_WAITS: Final = "agent.waiting"
_DONE: Final = "agent.completed"
_FAILURES: Final = ("agent.error", "agent.stream_error")
_LOOK_SECONDS: Final = 0.05
_SHOWN_LINES: Final = 3
_NO_WORK: Final = f"no task can be run: its agents' own program, {PROGRAM},"
_GIVEN: Final = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "TMPDIR")
# One task and no more; and of what its command would ask other companies beside its provider, nothing.
_MANNERLY: Final = {
    "CONTINUOUS_MODE": "false",
    "PERMISSION_MODE": "default",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
}
_REPORTED: Final = "SELECT event_type, event_data FROM sandbox_events WHERE sandbox_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A task, the agent it was given to, what is to be done in words, and the model to be asked, where one is named."""

    task: str
    agent: str
    words: str
    model: str | None


def is_known(inside: Inside | None) -> bool:
    """Whether the platform has the program at all; before, its agents worked in other ways."""
    return inside is not None and (inside.source / PROGRAM).is_file()


def at_hand(instance: Instance) -> Inside:
    """Whoever starts the program, OutOfReach where there is none."""
    if instance.inside is None or not is_known(instance.inside):
        raise OutOfReach(f"{_NO_WORK} is not at hand")
    return instance.inside


def work(instance: Instance, errand: Errand) -> None:
    """Have an errand done.

    OutOfReach when the program does not run here, of whatever it fails: in a sandbox it finds other versions of what it
    needs than those that the platform's lock names. CannotTell when it does not come to an end.
    """
    inside = at_hand(instance)
    sandbox = f"conform-{uuid4().hex[:8]}"
    with connect(instance.database_url) as database, _at_work(instance, inside, errand, sandbox=sandbox) as process:
        reported = _await_report(database, sandbox, process)
    if _DONE not in reported:
        failures = (str(reported[kind].get("error")) for kind in _FAILURES if kind in reported)
        raise OutOfReach(f"{_NO_WORK} did not do it", causes=tuple(failures))


@contextmanager
def _at_work(instance: Instance, inside: Inside, errand: Errand, *, sandbox: str) -> Generator[Process]:
    """The program, told what its sandbox is told, in a folder of its own that goes with it."""
    with TemporaryDirectory(prefix="sandbox-", dir=inside.folder, ignore_cleanup_errors=True) as folder:
        told = {
            "HOME": folder,
            "CWD": folder,
            "SANDBOX_ID": sandbox,
            "CALLBACK_URL": instance.url,
            "TASK_ID": errand.task,
            "AGENT_ID": errand.agent,
            "INITIAL_PROMPT": errand.words,
            **({"MODEL": errand.model} if errand.model else {}),
        }
        process = inside.start(PROGRAM, cwd=Path(folder), env={**_MANNERLY, **told}, given=_GIVEN)
        try:
            yield process
        finally:
            process.stop()
            _clear_notes(folder)


def _clear_notes(folder: str) -> None:
    """Remove what its command has noted about its folder, and where it does so unless others have notes there."""
    shutil.rmtree(NOTES / re.sub(r"[^A-Za-z0-9]", "-", os.path.realpath(folder)), ignore_errors=True)
    with suppress(OSError):
        NOTES.rmdir()


def _await_report(database: Connection, sandbox: str, process: Process) -> Mapping[str, Mapping[str, Any]]:
    """What a sandbox reported, by the type of its events, as soon as it has no more to say."""
    until = time.monotonic() + WORK_SECONDS
    while time.monotonic() < until:
        alive = process.alive
        reported = _reports(database, sandbox)
        if not reported.keys().isdisjoint((_WAITS, *_FAILURES)):
            return reported
        if not alive:
            raise OutOfReach(f"{_NO_WORK} ended with code {process.returncode}", causes=process.tail(_SHOWN_LINES))
        time.sleep(_LOOK_SECONDS)
    raise CannotTell(f"an agent did not finish its task within {WORK_SECONDS:.0f} s")


def _reports(database: Connection, sandbox: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        return dict(database.execute(_REPORTED, (sandbox,)).fetchall())
    except psycopg.Error as error:
        raise CannotTell("what an agent's sandbox reports is not kept where its driver knows to look") from error
