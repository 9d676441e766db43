"""The doctor sees what a run needs, says what is missing, and cleans up after the dead."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from harness import doctor
from harness.doctor import Symptom
from harness.services import browser, janitor, postgres_binaries
from harness.services.browser import Chromium
from harness.services.workspace import Workspace

SECONDS = 20.0
OWNER = """
import os, sys, time
from harness.services.workspace import Workspace
opened = Workspace.open()
os.kill(opened._watch.pid, 9)
print(opened.folder, flush=True)
time.sleep(600)
"""


def by_name() -> dict[str, Symptom]:
    """What the doctor sees now."""
    return {symptom.what: symptom for symptom in doctor.examine()}


@pytest.fixture
def browser_at_hand() -> None:
    """A browser that need not be fetched any more, as after a first run."""
    with Workspace.open() as workspace, Chromium.open(workspace):
        pass


@pytest.mark.usefixtures("browser_at_hand")
def test_a_machine_that_has_everything_is_well() -> None:
    """Nothing is missing here, servers were started for real and timed, and none was left."""
    seen = by_name()
    assert {symptom.what for symptom in seen.values() if symptom.health == "missing"} == set()
    assert "started in" in seen["PostgreSQL server"].detail
    assert "started in" in seen["Redis server"].detail
    assert "Node v" in seen["pyright"].detail
    assert "opens a page, from " in seen["browser"].detail
    assert not any(kin.parent == os.getpid() for kin in janitor.census())


def test_missing_programs_are_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without programs the servers are missing, and everything else is still examined."""
    monkeypatch.setenv(postgres_binaries.VARIABLE, str(tmp_path))
    monkeypatch.setenv("CONFORM_REDIS_SERVER", str(tmp_path / "absent"))
    seen = by_name()
    for what in ("PostgreSQL programs", "PostgreSQL server", "Redis server"):
        assert seen[what].health == "missing"
        assert "Install the package" in seen[what].hint
    assert seen["Python"].health == "ok"


def test_a_browser_that_opens_no_page_is_told_with_the_way_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is fetched by looking: what a run would fetch is said, and every browser that was tried."""
    for name in (browser.VARIABLE, "XDG_CACHE_HOME", "PLAYWRIGHT_BROWSERS_PATH", "PATH"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    seen = by_name()["browser"]
    assert seen.health == "warning"
    assert f"{browser.VARIABLE}: {tmp_path / 'absent'} is no program" in seen.detail
    assert "A run will fetch @sparticuz/chromium" in seen.hint
    assert "Install Chromium" in seen.hint
    assert not (tmp_path / "absent").exists()


def test_a_named_browser_that_is_passed_over_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one is taken, which whoever named it may not expect."""
    monkeypatch.setenv(browser.VARIABLE, "/bin/true")
    seen = by_name()["browser"]
    assert seen.health == "warning"
    assert f"{browser.VARIABLE}: it does not start" in seen.detail


def test_a_temporary_folder_that_cannot_be_written_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written the doctor says so instead of falling over."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    seen = by_name()
    assert seen["temporary folder"].health == "missing"
    assert "TMPDIR" in seen["temporary folder"].hint


def test_what_a_killed_run_left_is_shown_and_cleaned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose owner and janitor are dead is a warning until it is cleaned."""
    # Of our own, since tests beside this one may clean as well.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        folder = Path(owner.stdout.readline().strip())
        owner.send_signal(signal.SIGKILL)
        owner.wait(SECONDS)
    symptom = by_name()["leftovers"]
    assert symptom.health == "warning"
    assert folder.name in symptom.detail
    assert "--clean" in symptom.hint
    assert folder.name in doctor.clean()
    assert not folder.exists()
