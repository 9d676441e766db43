"""The real command judges the reference on given servers, shows no password, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.report import json_format
from harness.services import janitor
from harness.tests import host as hosts
from harness.tests.host import SECRET, Host
from harness.tests.stage import SUITE
from harness.tests.tiny_suite import MAIN_ENTRY

SECONDS: Final = 240.0
BEHAVIOUR: Final = "REQ-EVT-001.1/a-reported-cost-is-announced-with-what-its-row-holds[1]"
CRASH: Final = "NFR-REL-001.1/costs-outlive-what-is-killed-right-after-the-answer"
MIGRATION: Final = "CON-MIG-001.1/each-revision-in-turn"


@pytest.fixture
def host() -> Iterator[Host]:
    """The servers."""
    with hosts.opened() as made:
        yield made


def start(host: Host, *words: str) -> subprocess.Popen[str]:
    """Start the command on these servers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORM", "COV"))}
    return subprocess.Popen(
        (sys.executable, "-P", "-c", MAIN_ENTRY, *words, "--services", host.words),
        cwd=SUITE,
        env={**kept, **host.passwords, "COLUMNS": "999"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(host: Host, *words: str) -> tuple[int, str]:
    """Let the command run to its end: its exit code, and what it said."""
    process = start(host, *words)
    said = process.communicate(timeout=SECONDS)[0]
    return process.returncode, said


def only(*checks: str, out: Path) -> tuple[str, ...]:
    """The words that judge these checks of the reference."""
    return ("run", "--out", str(out), *(word for check in checks for word in ("--only", check)))


def await_true(condition: Callable[[], bool]) -> None:
    """Wait for something to hold."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_checks_are_judged_there_but_for_those_that_kill_the_server(host: Host, tmp_path: Path) -> None:
    """The rest is conformant; the report names the servers, no file of the run any password; everything is dropped."""
    before = host.databases
    code, said = ended(host, *only(BEHAVIOUR, MIGRATION, f"{CRASH}[1]", f"{CRASH}[2]", out=tmp_path))
    assert code == 2, said
    report = json_format.parse((tmp_path / "latest" / "report.json").read_text())
    checks = {one.id: one for each in report.requirements for rule in each.criteria for one in rule.checks}
    assert {name: one.outcome for name, one in checks.items()} == {
        BEHAVIOUR: "passed",
        MIGRATION: "passed",
        f"{CRASH}[1]": "passed",
        f"{CRASH}[2]": "inconclusive",
    }
    assert "given by its address must not be killed" in checks[f"{CRASH}[2]"].because
    assert report.run.services == "given"
    assert host.words in checks[BEHAVIOUR].reproduce
    assert host.databases == before
    seen = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()) + said
    assert not [secret for secret in (SECRET, *host.passwords.values()) if secret in seen]
    assert "given services: PostgreSQL" in ended(host, "doctor")[1]


def test_what_a_killed_run_left_is_cleaned_by_the_doctor(host: Host, tmp_path: Path) -> None:
    """A second run is refused meanwhile; no password is on any command line."""
    before = host.databases
    killed = start(host, *only("REQ-EVT-001", out=tmp_path))
    await_true(lambda: any("platform" in name for name in host.databases))
    for kin in janitor.census():
        words = Path(f"/proc/{kin.pid}/cmdline").read_bytes().decode(errors="replace")
        assert not [secret for secret in host.passwords.values() if secret in words]
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=SECONDS)
    code, said = ended(host, *only(MIGRATION, out=tmp_path))
    assert code == 3
    assert "claimed by the run conform_" in said
    await_true(lambda: "removed conform_" in ended(host, "doctor", "--clean")[1])
    assert host.databases == before
    assert ended(host, *only(MIGRATION, out=tmp_path))[0] == 0
