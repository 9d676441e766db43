"""One page that somebody looks at in a browser: what its elements say, waited for, read and noted."""

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from harness.errors import CannotTell, DidNotCome, PlatformMisbehaved
from harness.journal import Journal
from harness.observe import loopback
from harness.observe.shown_amount import ShownAmount
from harness.redaction import redact

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

CHANNEL: Final = "browser"
INSTRUMENT: Final = "browser"
OPERATION: Final = "open the page"
LOAD_SECONDS: Final = 30.0
_MILLISECONDS: Final = 1000.0
_POLL_MILLISECONDS: Final = 50.0
_MARK: Final = "conformLooksAt"
_SHOWN: Final = 3
_LENGTH: Final = 200
_FIRST_ERROR: Final = 400
_NUMBER: Final = re.compile(r"\d[\d.,:]*")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The visible texts of the elements that were looked for, at one moment."""

    texts: tuple[str, ...]

    def exceeds(self, earlier: "Sight") -> bool:
        """Whether there are further elements; other words alone are none, since pages draw themselves anew."""
        return len(self.texts) > len(earlier.texts)

    @property
    def words(self) -> tuple[str, ...]:
        """What the elements say beside numbers."""
        return tuple(_NUMBER.sub("", text) for text in self.texts)


class Visit:
    """One page, open in the browser until it is closed."""

    def __init__(self, journal: Journal, page: "Page", *, patience: float, secrets: tuple[str, ...]) -> None:
        self._journal = journal
        self._page = page
        self._patience = patience
        self._secrets = secrets
        self._complaints: list[str] = []
        page.set_default_timeout(LOAD_SECONDS * _MILLISECONDS)
        page.on("pageerror", lambda error: self._complaints.append(error.message))

    def open(self, url: str) -> None:
        """Load the page; PlatformMisbehaved when the platform does not give it."""
        self._load(lambda: self._page.goto(url, wait_until="domcontentloaded"))

    def reload(self) -> None:
        """Load it again, as somebody does who presses the button for it."""
        self._load(lambda: self._page.reload(wait_until="domcontentloaded"))

    def sight(self, what: str, selector: str) -> Sight:
        """What the visible elements say now."""
        seen = self._look(selector)
        self._journal.note(INSTRUMENT, f"{what} on the page", observed=seen.texts, examined=len(seen.texts))
        return seen

    def await_more(self, what: str, selector: str, *, than: Sight) -> Sight:
        """What the visible elements say as soon as there is more to see; DidNotCome when it stays as it was.

        CannotTell where one of them says something else than before: it may have aged, or tell of something new.
        """
        began = time.monotonic()
        seen = self._await(lambda: self._look(selector), lambda now: now.exceeds(than))
        self._journal.note(
            INSTRUMENT,
            f"{what} on the page while somebody looks at it",
            observed=seen.texts,
            examined=len(seen.texts) if seen.exceeds(than) else 0,
            seconds=time.monotonic() - began,
        )
        if seen.exceeds(than):
            return seen
        if len(seen.texts) == len(than.texts) and seen.words != than.words:
            message = f"{what} that the page showed already says something else now, and no further one came"
            raise CannotTell(message, causes=(f"before: {than.texts}", f"now: {seen.texts}"))
        raise self._did_not_come(what)

    def amount(self, what: str, selector: str, *, awaited: float) -> ShownAmount:
        """The amount that one element shows, waited for until it tells what is awaited, else as it last was.

        DidNotCome when there is no such element; CannotTell when there are several.
        """
        seen = self._await(lambda: self._look(selector), lambda now: _tells(now, awaited))
        self._journal.note(
            INSTRUMENT, f"{what} on the page", expected=awaited, observed=seen.texts, examined=len(seen.texts)
        )
        match seen.texts:
            case ():
                raise self._did_not_come(what)
            case (text,):
                return ShownAmount.read(text)
            case _:
                raise CannotTell(f"{len(seen.texts)} elements of the page match {selector}, so none is {what}")

    def follows(self, what: str, selector: str, *, awaited: float, seconds: float) -> bool:
        """Whether one element comes to tell an amount by itself within so many seconds, which no document demands."""
        seen = self._await(lambda: self._look(selector), lambda now: _tells(now, awaited), patience=seconds)
        followed = _tells(seen, awaited)
        claim = f"{what} on the page {'follows' if followed else 'does not follow'} by itself"
        self._journal.find(INSTRUMENT, claim, observed=seen.texts, examined=len(seen.texts))
        return followed

    def is_as_loaded(self) -> bool:
        """Whether it is still the document that was loaded, and none that took its place."""
        with looking():
            kept = bool(self._page.evaluate(f"window.{_MARK} === true"))
        seen = "as it was loaded" if kept else "loaded anew"
        self._journal.note(INSTRUMENT, "the page that somebody looks at", observed=seen, examined=1)
        return kept

    def close(self) -> None:
        """Leave the page."""
        with suppress(Exception):  # the browser may be gone by now
            self._page.context.close()

    def _load(self, load: Callable[[], "Response | None"]) -> None:
        from playwright.sync_api import Error  # noqa: PLC0415 - loaded by whoever opened the browser

        try:
            response = load()
        except Error as error:
            raise _not_loaded(_first_line(error)) from error
        status = response.status if response else 0
        if status >= _FIRST_ERROR:
            raise PlatformMisbehaved(f"the page was answered {status}", operation=OPERATION)
        with looking():
            self._page.evaluate(f"window.{_MARK} = true")

    def _await(self, look: Callable[[], T], enough: Callable[[T], bool], *, patience: float | None = None) -> T:
        until = time.monotonic() + (self._patience if patience is None else patience)
        while not enough(seen := look()) and time.monotonic() < until:
            with looking():
                self._page.wait_for_timeout(_POLL_MILLISECONDS)
        return seen

    def _look(self, selector: str) -> Sight:
        shown = self._page.locator(selector).filter(visible=True)
        try:
            with looking():
                texts = shown.all_inner_texts()
        except CannotTell:
            # A page that loads itself anew takes the ground from under a look.
            with looking():
                self._page.wait_for_load_state("domcontentloaded")
                texts = shown.all_inner_texts()
        return Sight(texts=tuple(self._plain(text) for text in texts))

    def _did_not_come(self, what: str) -> DidNotCome:
        with looking():
            title, text = self._page.title(), self._page.locator("body").inner_text()
        said = f"{what} did not come to the page in {self._patience:g} s; it is titled “{self._plain(title)}” and says"
        errors = f"; its scripts broke: {'; '.join(map(self._plain, self._complaints[:_SHOWN]))}"
        return DidNotCome(
            f"{said}: {self._plain(text) or 'nothing'}{errors if self._complaints else ''}", channel=CHANNEL
        )

    def _plain(self, text: str) -> str:
        return redact(" ".join(text.split()), self._secrets)[:_LENGTH]


@contextmanager
def looking() -> Generator[None]:
    """Say CannotTell when the browser itself fails us."""
    from playwright.sync_api import Error  # noqa: PLC0415 - loaded by whoever opened the browser

    try:
        yield
    except Error as error:
        raise CannotTell("the browser could not look", causes=(_first_line(error),)) from error


def _tells(seen: Sight, awaited: float) -> bool:
    return len(seen.texts) == 1 and ShownAmount.read(seen.texts[0]).tells(awaited)


def _not_loaded(why: str) -> CannotTell | PlatformMisbehaved:
    if not loopback.answers():
        return CannotTell("neither the page nor our own server on loopback answers: this machine hangs", causes=(why,))
    return PlatformMisbehaved(
        "the page could not be loaded, while our own server on loopback answers", causes=(why,), operation=OPERATION
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
