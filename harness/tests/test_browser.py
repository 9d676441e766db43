"""A browser is looked for until one opens a page, said to be missing when none does, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import browser as witness
from harness.observe.browser import Browser
from harness.services import browser, browser_package, janitor
from harness.services.browser import Candidate, Chromium
from harness.services.browser_package import PackageUnfit
from harness.services.workspace import Workspace

SECONDS: Final = 60.0
FOLDERS: Final = {janitor.REGISTER, "owner"}
OWNER: Final = """
import sys, time
from harness.services.browser import Chromium
from harness.services.workspace import Workspace
workspace = Workspace.open()
chromium = Chromium.open(workspace)
chromium.browser.new_page()
print(workspace.folder, flush=True)
time.sleep(600)
"""


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """The folder of a run."""
    with Workspace.open() as opened:
        yield opened


@pytest.fixture(scope="module")
def program() -> Path:
    """The program of a browser that opens a page."""
    with Workspace.open() as opened, Chromium.open(opened) as found:
        assert found.chosen.program
        return found.chosen.program


def test_a_browser_that_opens_a_page_is_found(workspace: Workspace) -> None:
    """It shows what it is given, and its profile lies in the run's folder and goes with it."""
    with Chromium.open(workspace) as found:
        page = found.browser.new_page()
        page.goto("data:text/html,<h1>here</h1>")
        assert page.inner_text("h1") == "here"
        assert found.version.startswith("Chromium 1")
        assert {path.name for path in workspace.folder.iterdir()} > FOLDERS
        assert janitor.marked(workspace.folder)
    assert [kin for kin in janitor.marked(workspace.folder) if "node" not in _name(kin.pid)] == []
    workspace.close()
    assert not workspace.folder.exists()
    assert janitor.marked(workspace.folder) == ()


def test_a_named_program_comes_first(workspace: Workspace, program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variable is asked before anything else."""
    monkeypatch.setenv(browser.VARIABLE, str(program))
    with Chromium.open(workspace) as found:
        assert (found.chosen.origin, found.chosen.program, found.chosen.passed_over) == (browser.VARIABLE, program, ())


@pytest.mark.parametrize(("named", "why"), [("/bin/true", "it does not start"), ("/nowhere", "no program")])
def test_a_program_that_opens_no_page_is_passed_over(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, named: str, why: str
) -> None:
    """The next one is taken, and why the first was not is told."""
    monkeypatch.setenv(browser.VARIABLE, named)
    with Chromium.open(workspace) as found:
        assert found.chosen.origin != browser.VARIABLE
        assert found.chosen.passed_over[0].startswith(f"{browser.VARIABLE}: ")
        assert why in found.chosen.passed_over[0]


def test_a_browser_that_shows_no_text_is_passed_over(workspace: Workspace, program: Path, tmp_path: Path) -> None:
    """Without a font every page would seem to say nothing."""
    fontless = tmp_path / "fonts.conf"
    fontless.write_text("<fontconfig></fontconfig>", encoding="utf-8")
    blank = tmp_path / "blank"
    # The packaged browser's start script sets its own fonts, so that its program is started past it.
    inner = program.parent / "chromium" if program.name == "browser" else program
    env = f'FONTCONFIG_FILE="{fontless}" LD_LIBRARY_PATH="{program.parent / "lib"}"'
    blank.write_text(f'#!/bin/sh\n{env} exec "{inner}" "$@"\n', encoding="utf-8")
    blank.chmod(0o755)
    with pytest.raises(CannotTell, match=r"reads '' in it|does not start"):
        Chromium.open(workspace, (Candidate(origin="blank", locate=lambda _: blank),))


def test_without_any_browser_the_way_to_get_one_is_told(workspace: Workspace) -> None:
    """Every candidate with its reason, and what to do; the environment is as it was."""
    before = dict(os.environ)
    with pytest.raises(CannotTell) as caught:
        Chromium.open(workspace, (Candidate(origin="only", locate=lambda _: Path("/bin/false")),))
    assert caught.value.causes[0].startswith("only: it does not start")
    assert browser.VARIABLE in caught.value.hint
    assert "playwright install chromium" in caught.value.hint
    assert dict(os.environ) == before


def test_a_browser_that_is_gone_shows_no_canary(workspace: Workspace) -> None:
    """Then nothing may rest on what it did not show."""
    with Chromium.open(workspace) as opened, Browser(Journal(), opened) as looking:
        assert witness.canary(opened)
        opened.browser.close()
        assert not witness.canary(opened)
        with pytest.raises(CannotTell, match="the browser could not look"):
            looking.visit("http://127.0.0.1:9/")


def test_a_killed_owner_leaves_neither_process_nor_profile() -> None:
    """Its janitor ends the browser and removes the folder."""
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        folder = Path(owner.stdout.readline().strip())
        assert janitor.marked(folder)
        owner.send_signal(signal.SIGKILL)
        owner.wait(SECONDS)
    assert janitor.await_true(lambda: not folder.exists() and not janitor.marked(folder), SECONDS)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache in which nothing was fetched yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "conform"


def test_a_browser_is_fetched_once_and_kept(workspace: Workspace, cache: Path) -> None:
    """The package opens a page with nothing of the system, and the second time it is there already."""
    assert browser_package.kept() is None
    with Chromium.open(workspace, browser.everywhere(workspace)[-1:]) as found:
        assert found.chosen.program == cache / f"chromium-{browser_package.VERSION}" / "browser"
        assert found.version.startswith(f"Chromium {browser_package.VERSION.partition('.')[0]}.")
    assert browser_package.obtain(workspace) == browser_package.kept() == found.chosen.program
    assert not list(workspace.folder.glob("browser-package-*"))
    assert browser.at_hand()[-1].origin == found.chosen.origin


def test_a_package_that_is_another_one_is_refused(workspace: Workspace, cache: Path) -> None:
    """Nothing of it is unpacked or kept."""
    with pytest.raises(PackageUnfit, match="not the one that we know"):
        browser_package.obtain(workspace, digest="sha512-anothers")
    assert browser_package.kept() is None
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_a_registry_out_of_reach_is_told(workspace: Workspace, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of npm say why the package could not be had."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(PackageUnfit, match="could not be had") as caught:
        browser_package.obtain(workspace)
    assert "127.0.0.1:9" in caught.value.causes[0]
    assert [path.name for path in cache.iterdir()] == ["lock"]


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()
