"""A witness of the page: what somebody sees who looks at it in a real browser, the platform's word aside."""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Self

from harness.errors import ConformError
from harness.journal import Journal
from harness.observe import sample_page
from harness.observe.page_visit import Visit, looking
from harness.services.browser import Chromium

CANARY_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 30.0
# Runs before the page's own scripts, and leaves other origins alone.
_LOG_IN: Final = """
  if (location.origin === {origin})
    for (const [name, value] of Object.entries({stored})) sessionStorage.setItem(name, value);
"""


class Browser:
    """Opens pages for the check that is running, each for somebody who has nothing but what is given here."""

    def __init__(self, journal: Journal, chromium: Chromium, *, patience: float = LOOK_SECONDS) -> None:
        self._journal = journal
        self._chromium = chromium
        self._patience = patience
        self._visits: list[Visit] = []

    def visit(self, url: str, *, storage: Mapping[str, str] | None = None) -> Visit:
        """Open a page with these values in its session storage; PlatformMisbehaved when it cannot be had."""
        stored = dict(storage or {})
        origin = "/".join(url.split("/")[:3])
        with looking():
            context = self._chromium.browser.new_context(locale="en-US", viewport={"width": 1280, "height": 900})
            context.add_init_script(_LOG_IN.format(origin=json.dumps(origin), stored=json.dumps(stored)))
            visit = Visit(self._journal, context.new_page(), patience=self._patience, secrets=tuple(stored.values()))
        self._visits.append(visit)
        visit.open(url)
        return visit

    def close(self) -> None:
        """Leave every page."""
        for visit in self._visits:
            visit.close()
        self._visits.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def canary(chromium: Chromium) -> bool:
    """Whether somebody sees a page of ours, and what comes to it while they look."""
    words = secrets.token_hex(8)
    with (
        suppress(ConformError),
        sample_page.growing(words) as ours,
        Browser(Journal(), chromium, patience=CANARY_SECONDS) as own,
    ):
        visit = own.visit(ours.url)
        first = visit.sight("our own words", "p:first-of-type")
        grown = visit.await_more("our own words", "p", than=first)
        return set(grown.texts) == {words}
    return False
