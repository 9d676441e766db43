"""A real browser, looked for until one opens a page; it lives in the run's folder and leaves nothing behind.

In order: the one that an environment variable names, Playwright's own, the system's, one out of a package.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from harness.errors import CannotTell, ConformError
from harness.services import browser_package, janitor, node
from harness.services.workspace import Workspace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

VARIABLE: Final = "CONFORM_BROWSER"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LAUNCH_SECONDS: Final = 30.0
HINT: Final = (
    "Install Chromium or Google Chrome, or let `playwright install chromium` fetch one, "
    f"or set {VARIABLE} to the program of a browser that is there."
)
_ARGUMENTS: Final = ("--no-proxy-server",)
# Where a browser would otherwise keep things for the user whose it is.
_HOMES: Final = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
_MILLISECONDS: Final = 1000.0


class BrowserUnfit(ConformError):
    """A candidate is not there, or does not open a page."""

    code = "browser-unfit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A browser that may be there: where it comes from, and what gives its program (None: Playwright finds it)."""

    origin: str
    locate: Callable[["Playwright"], Path | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which browser it is: where it comes from, its program where that is known, and why others were passed over."""

    origin: str
    program: Path | None
    passed_over: tuple[str, ...]


class Chromium:
    """A running browser that was seen to open a page. It belongs to the thread that opened it; use it in a `with`."""

    def __init__(self, playwright: "Playwright", browser: "Browser", chosen: Chosen) -> None:
        self.browser = browser
        self.chosen = chosen
        self.version = f"Chromium {browser.version}"
        self._playwright = playwright

    @classmethod
    def open(cls, workspace: Workspace, candidates: tuple[Candidate, ...] | None = None) -> Self:
        """Start the first candidate that opens a page; CannotTell, with the way to get one, when none does."""
        playwright = _start_playwright(workspace)
        try:
            browser, chosen = _first(playwright, workspace, everywhere(workspace) if candidates is None else candidates)
        except BaseException:
            playwright.stop()
            raise
        return cls(playwright, browser, chosen)

    def close(self) -> None:
        """End the browser and whoever drives it."""
        with suppress(Exception):  # a browser that has crashed is cleared away with its driver
            self.browser.close()
        self._playwright.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def everywhere(workspace: Workspace) -> tuple[Candidate, ...]:
    """Every candidate; the last is fetched first, if it comes to that."""
    fetched = Candidate(origin=f"npm {browser_package.NAME}", locate=lambda _: browser_package.obtain(workspace))
    return (*at_hand(), fetched)


def at_hand() -> tuple[Candidate, ...]:
    """The candidates for which nothing has to be fetched."""
    return tuple(_at_hand())


def _first(
    playwright: "Playwright", workspace: Workspace, candidates: tuple[Candidate, ...]
) -> tuple["Browser", Chosen]:
    tried: list[str] = []
    for candidate in candidates:
        try:
            program = candidate.locate(playwright)
            browser = _launched(playwright, program, workspace)
        except ConformError as unfit:
            tried.append(f"{candidate.origin}: {unfit}")
        else:
            return browser, Chosen(origin=candidate.origin, program=program, passed_over=tuple(tried))
    raise CannotTell("no browser opens a page here", causes=tuple(tried), hint=HINT)


def _at_hand() -> Iterator[Candidate]:
    if given := os.environ.get(VARIABLE):
        yield Candidate(origin=VARIABLE, locate=lambda _: _existing(Path(given).expanduser()))
    yield Candidate(origin="Playwright", locate=_playwrights_own)
    for found in dict.fromkeys(filter(None, map(shutil.which, NAMES))):
        yield Candidate(origin="system", locate=lambda _, found=found: Path(found))
    if kept := browser_package.kept():
        yield Candidate(origin=f"npm {browser_package.NAME}", locate=lambda _: kept)


def _playwrights_own(playwright: "Playwright") -> Path | None:
    program = Path(playwright.chromium.executable_path)
    # It may have fetched only the smaller program that knows no windows, and finds it by itself.
    return program if program.is_file() else None


def _existing(program: Path) -> Path:
    if not os.access(program, os.X_OK) or program.is_dir():
        raise BrowserUnfit(f"{program} is no program that can be run")
    return program


def _start_playwright(workspace: Workspace) -> "Playwright":
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - only who looks at a page pays for it

    driver = node.find()
    own = {"TMPDIR": str(workspace.folder), janitor.MARK: str(workspace.folder)}
    try:
        with _environment({**own, **({"PLAYWRIGHT_NODEJS_PATH": str(driver)} if driver else {})}):
            return sync_playwright().start()
    except (Error, OSError) as error:
        raise CannotTell("Playwright did not start", causes=(_first_line(error),), hint=node.HINT) from error


def _launched(playwright: "Playwright", program: Path | None, workspace: Workspace) -> "Browser":
    """Start a browser and have it open a page of ours whose text is read back."""
    from playwright.sync_api import Error  # noqa: PLC0415 - as above

    try:
        browser = playwright.chromium.launch(
            executable_path=program, args=_ARGUMENTS, env=_at_home_in(workspace), timeout=LAUNCH_SECONDS * _MILLISECONDS
        )
    except Error as error:
        raise BrowserUnfit("it does not start", causes=(_first_line(error),)) from error
    try:
        _open_a_page(browser)
    except Error as error:
        with suppress(Error):
            browser.close()
        raise BrowserUnfit("it opens no page", causes=(_first_line(error),)) from error
    except BrowserUnfit:
        browser.close()
        raise
    return browser


def _open_a_page(browser: "Browser") -> None:
    words = secrets.token_hex(8)
    page = browser.new_page()
    page.set_default_timeout(LAUNCH_SECONDS * _MILLISECONDS)
    page.goto(f"data:text/html,<p>{words}</p>")
    # What cannot be drawn, for want of a font, is not there to be read.
    if (read := page.inner_text("p")) != words:
        raise BrowserUnfit(f"a page of ours reads {read!r} in it instead of {words!r}")
    page.context.close()


def _at_home_in(workspace: Workspace) -> dict[str, str | float | bool]:
    kept = {name: value for name, value in os.environ.items() if name not in _HOMES}
    folder = str(workspace.folder)
    return {**kept, "HOME": folder, "TMPDIR": folder, janitor.MARK: folder}


@contextmanager
def _environment(own: Mapping[str, str]) -> Generator[None]:
    """Set variables for a child that takes over whatever we have ourselves."""
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
