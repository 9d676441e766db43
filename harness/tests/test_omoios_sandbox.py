"""An agent of OmoiOS that is run here: what it is told, what it is not, and how its work ends."""

import json
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from harness.errors import CannotTell, OutOfReach
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.room import HostRoom
from harness.services.workspace import Workspace
from harness.targets.inside import Inside
from harness.targets.omoios import sandbox
from harness.targets.omoios.sandbox import Errand
from harness.targets.terms import Instance

ERRAND: Final = Errand(task="t1", agent="a1", words="quiet-otter", model="claude-1")
TABLE: Final = "CREATE TABLE sandbox_events (sandbox_id text, event_type text, event_data jsonb)"
REPORTS: Final = """
import json, os, urllib.request
def report(kind, **told):
    url = f"{os.environ['CALLBACK_URL']}/{os.environ['SANDBOX_ID']}"
    urllib.request.urlopen(url, json.dumps({"event_type": kind, "event_data": told}).encode())
"""
STAYS: Final = "\nimport time\ntime.sleep(60)\n"
NOTES: Final = """
import pathlib, re
notes = pathlib.Path(os.environ["MODEL"]) / re.sub("[^A-Za-z0-9]", "-", os.getcwd())
notes.mkdir(parents=True)
(notes / "of-mine").touch()
"""
WORKS: Final = f"""{REPORTS}
report("agent.completed", **{{name: os.environ[name] for name in os.environ}}, there=os.getcwd())
report("agent.waiting")
{STAYS}"""
FAILS: Final = f"{REPORTS}\nreport('agent.error', error='the library is another one')\n{STAYS}"
FAILS_UNNOTICED: Final = f"{REPORTS}\nreport('agent.started')\nreport('agent.waiting')\n{STAYS}"
ENDS: Final = "raise SystemExit('its library is not installed')"


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A database where a platform keeps what sandboxes report."""
    with Workspace.open() as workspace:
        postgres = EmbeddedPostgres.start(workspace)
        url = postgres.url(postgres.create_database("sandboxes"))
        with connect(url) as connection:
            connection.execute(TABLE)
        yield url


class Platform(ThreadingHTTPServer):
    """Keeps what it is told in its database."""

    def __init__(self, database_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Keeping)
        self.database_url = database_url


class _Keeping(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Platform)
        with connect(self.server.database_url) as connection:
            row = (self.path[1:], told["event_type"], json.dumps(told["event_data"]))
            connection.execute("INSERT INTO sandbox_events VALUES (%s, %s, %s)", row)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - says nothing
        pass


@contextmanager
def instance(database_url: str, folder: Path, program: str) -> Generator[Instance]:
    """A platform whose agents run this program."""
    file = folder / sandbox.PROGRAM
    file.parent.mkdir(parents=True)
    file.write_text(program, encoding="utf-8")
    with Workspace.open() as workspace, Platform(database_url) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        env = {"TMPDIR": str(workspace.folder), "DATABASE_URL": database_url, "ANTHROPIC_API_KEY": "k"}
        inside = Inside(sys.executable, folder, env=env, room=HostRoom(workspace, python=sys.executable))
        url = f"http://127.0.0.1:{server.server_port}"
        yield Instance(url=url, database_url=database_url, secret="s" * 64, inside=inside)
        inside.close()
        server.shutdown()
        assert not list(workspace.folder.glob("sandbox-*"))
        assert not list((workspace.folder / "register").glob("*"))


def reported(database_url: str, kind: str) -> Sequence[dict[str, Any]]:
    """What sandboxes told in events of a type."""
    with connect(database_url) as connection:
        rows = connection.execute("SELECT event_data FROM sandbox_events WHERE event_type = %s", (kind,)).fetchall()
    return [data for (data,) in rows]


def test_an_agent_is_told_its_task_and_its_provider_and_nothing_of_the_platforms_own(
    database_url: str, tmp_path: Path
) -> None:
    """It works in a folder of its own, without the platform's secrets, and is gone when its task is done."""
    with instance(database_url, tmp_path, WORKS) as one:
        sandbox.work(one, ERRAND)
    [told] = reported(database_url, "agent.completed")
    assert (told["TASK_ID"], told["AGENT_ID"], told["INITIAL_PROMPT"], told["MODEL"]) == (
        "t1",
        "a1",
        "quiet-otter",
        "claude-1",
    )
    assert told["there"] == told["HOME"] == told["CWD"]
    assert told["ANTHROPIC_API_KEY"] == "k"
    assert "DATABASE_URL" not in told


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (FAILS, r"did not do it \(the library is another one\)"),
        (FAILS.replace("agent.error", "agent.stream_error"), r"did not do it \(the library is another one\)"),
        (FAILS_UNNOTICED, r"did not do it$"),
    ],
)
def test_an_agent_that_has_not_done_its_task_is_out_of_reach(
    database_url: str, tmp_path: Path, program: str, told: str
) -> None:
    """The platform is not blamed: in a sandbox the program may find what it lacks here."""
    with instance(database_url, tmp_path, program) as one, pytest.raises(OutOfReach, match=told):
        sandbox.work(one, ERRAND)


def test_an_agent_that_cannot_begin_is_out_of_reach(database_url: str, tmp_path: Path) -> None:
    """What it said last is the reason; without the program there is nothing to begin."""
    with (
        instance(database_url, tmp_path, ENDS) as one,
        pytest.raises(OutOfReach, match=r"ended with code 1.*its library is not installed"),
    ):
        sandbox.work(one, ERRAND)
    (tmp_path / sandbox.PROGRAM).unlink()
    nowhere = Instance(url="http://nowhere", database_url=database_url, secret="s" * 64)
    with pytest.raises(OutOfReach, match="is not at hand"):
        sandbox.work(nowhere, ERRAND)


def test_an_agent_that_does_not_come_to_an_end_is_ended(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the platform that is blamed: nobody knows what it waits for."""
    monkeypatch.setattr(sandbox, "WORK_SECONDS", 0.5)
    with instance(database_url, tmp_path, STAYS) as one, pytest.raises(CannotTell, match="did not finish"):
        sandbox.work(one, ERRAND)


def test_what_its_command_notes_on_its_folder_goes_with_it_and_what_others_noted_stays(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command writes beside all temporary folders; nothing of a run may be left there."""
    notes = tmp_path / "notes"
    monkeypatch.setattr(sandbox, "NOTES", notes)
    errand = replace(ERRAND, model=str(notes))
    with instance(database_url, tmp_path, WORKS.replace(REPORTS, REPORTS + NOTES)) as one:
        sandbox.work(one, errand)
        assert not notes.exists()
        (notes / "-home-somebody").mkdir(parents=True)
        sandbox.work(one, errand)
    assert [kept.name for kept in notes.iterdir()] == ["-home-somebody"]


def test_reports_that_are_kept_elsewhere_leave_the_driver_without_an_answer(database_url: str, tmp_path: Path) -> None:
    """A platform without the table is another one than the driver was written for."""
    with instance(database_url, tmp_path, WORKS) as one, pytest.raises(CannotTell, match="knows to look"):
        sandbox.work(replace(one, database_url=f"{database_url.rpartition('/')[0]}/postgres"), ERRAND)
