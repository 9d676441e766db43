"""The witness of pages sees what a person would see, and tells a wrong page from one that it cannot look at."""

from collections.abc import Iterator
from typing import Final

import pytest

from harness.errors import CannotTell, ConformError, DidNotCome, PlatformMisbehaved
from harness.journal import Journal
from harness.observe import browser
from harness.observe.browser import Browser
from harness.observe.page_visit import CHANNEL, Sight
from harness.observe.sample_page import LOOPBACK, Served
from harness.observe.shown_amount import ShownAmount
from harness.services.browser import Chromium
from harness.services.port import free_port
from harness.services.workspace import Workspace

PATIENCE: Final = 1.5
ROOMY: Final = 20.0
NOTHING: Final = Sight(texts=())
ALERT: Final = '<b class="alert">used up</b>'
LATER: Final = "<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend', `{}`), 200)</script>"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A real browser."""
    with Workspace.open() as workspace, Chromium.open(workspace) as opened:
        yield opened


@pytest.fixture
def journal() -> Journal:
    """Where the witness writes."""
    return Journal()


@pytest.fixture
def hurried(journal: Journal, chromium: Chromium) -> Iterator[Browser]:
    """A witness that does not wait for long, where waiting is in vain."""
    with Browser(journal, chromium, patience=PATIENCE) as opened:
        yield opened


@pytest.fixture
def patient(journal: Journal, chromium: Chromium) -> Iterator[Browser]:
    """A witness that waits for what comes."""
    with Browser(journal, chromium, patience=ROOMY) as opened:
        yield opened


def test_the_canary_is_seen(chromium: Chromium) -> None:
    """A page of our own is opened, and what comes to it is seen."""
    assert browser.canary(chromium)


def test_an_amount_is_waited_for_and_noted(patient: Browser, journal: Journal) -> None:
    """A page that shows another amount at first is not wrong."""
    late = "<script>setTimeout(() => { document.querySelector('i').textContent = '$12.35' }, 200)</script>"
    with Served({"/": f"<i>$0.00</i>{late}"}) as served:
        shown = patient.visit(served.url).amount("total", "i", awaited=12.345)
    assert shown.tells(12.345)
    (reading,) = journal.readings
    assert (reading.observed, reading.expected, reading.examined) == (("$12.35",), 12.345, 1)


def test_a_wrong_amount_is_given_as_it_is_shown(hurried: Browser) -> None:
    """Whoever asserts on it can say what the page shows."""
    with Served({"/": "<i>$1.00</i>"}) as served:
        shown = hurried.visit(served.url).amount("total", "i", awaited=12.345)
    assert (shown.text, shown.tells(12.345)) == ("$1.00", False)


@pytest.mark.parametrize("body", ["<p>please log in</p>", "<p>please log in</p><i hidden>$12.35</i>"])
def test_an_amount_that_nobody_sees_did_not_come(hurried: Browser, body: str) -> None:
    """What is not there or hidden is told with what the page shows instead, and why its scripts broke."""
    text = f"<title>Board</title>{body}<script>nothing.at.all()</script>"
    with Served({"/": text}) as served, pytest.raises(DidNotCome) as caught:
        hurried.visit(served.url).amount("total", "i", awaited=12.345)
    assert caught.value.channel == CHANNEL
    for words in ("“Board”", "please log in", "nothing is not defined"):
        assert words in caught.value.message


def test_an_amount_shown_by_several_elements_cannot_be_told(hurried: Browser) -> None:
    """Which of them is meant, the page does not say."""
    with Served({"/": "<i>$1.00</i><i>$12.35</i>"}) as served, pytest.raises(CannotTell, match="2 elements"):
        hurried.visit(served.url).amount("total", "i", awaited=12.345)


def test_an_amount_is_read_anew_after_a_reload(patient: Browser) -> None:
    """What the server gives by then is what is seen."""
    texts = {"/": "<i>$1.00</i>"}
    with Served(texts) as served:
        visit = patient.visit(served.url)
        texts["/"] = "<i>$2.00</i>"
        visit.reload()
        assert visit.amount("total", "i", awaited=2.0).text == "$2.00"


def test_what_comes_to_an_open_page_is_seen(patient: Browser) -> None:
    """A further element counts, in the document that was loaded."""
    with Served({"/": LATER.format(ALERT)}) as served:
        visit = patient.visit(served.url)
        assert visit.await_more("alert", ".alert", than=NOTHING).texts == ("used up",)
        assert visit.is_as_loaded()


@pytest.mark.parametrize(
    "body",
    [
        "",
        LATER.format('<b class="alert" style="display: none">used up</b>'),
        LATER.format('<b class="other">used up</b>'),
    ],
)
def test_what_does_not_come_to_an_open_page_is_not_seen(hurried: Browser, journal: Journal, body: str) -> None:
    """Hidden elements and others are none, and nothing was examined."""
    with Served({"/": f"<p>quiet</p>{body}"}) as served, pytest.raises(DidNotCome, match="and says: quiet"):
        hurried.visit(served.url).await_more("alert", ".alert", than=NOTHING)
    assert [one.examined for one in journal.readings] == [0]


@pytest.mark.parametrize(("says", "trouble"), [("85 % used", DidNotCome), ("limit reached", CannotTell)])
def test_an_element_drawn_anew_is_no_further_one(hurried: Browser, says: str, trouble: type[ConformError]) -> None:
    """Other numbers are nothing new; other words may tell of something new, which nobody can know."""
    drawn = f"document.querySelector('.alert').outerHTML = `<b class='alert'>{says}</b>`"
    page = f"<b class='alert'>82.5 % used</b><script>setTimeout(() => {{ {drawn} }}, 200)</script>"
    with Served({"/": page}) as served:
        visit = hurried.visit(served.url)
        known = visit.sight("alert", ".alert")
        with pytest.raises(trouble):
            visit.await_more("alert", ".alert", than=known)
        assert visit.sight("alert", ".alert").texts == (says,)


def test_a_page_that_loads_itself_anew_is_seen_through(patient: Browser) -> None:
    """What it shows then is seen, and so is that it is another document."""
    reloading = "<script>setTimeout(() => location.replace('/again'), 200)</script>"
    with Served({"/": reloading, "/again": ALERT}) as served:
        visit = patient.visit(served.url)
        assert visit.await_more("alert", ".alert", than=NOTHING).texts == ("used up",)
        assert not visit.is_as_loaded()


def test_somebody_is_logged_in_by_what_the_page_finds_stored(patient: Browser) -> None:
    """Before the page's own scripts run; and whatever it shows of it is kept from every text."""
    page = "<i></i><script>document.querySelector('i').textContent = sessionStorage.getItem('token')</script>"
    with Served({"/": page}) as served:
        logged_in = patient.visit(served.url, storage={"token": "hidden"})
        assert logged_in.sight("token", "i").texts == ("***",)
        assert patient.visit(served.url).sight("token", "i").texts == ()


def test_a_page_that_cannot_be_had_is_the_platforms(patient: Browser) -> None:
    """An error, or nobody who answers, while our own server does."""
    with Served({}) as served, pytest.raises(PlatformMisbehaved, match="answered 404"):
        patient.visit(served.url)
    with pytest.raises(PlatformMisbehaved, match="while our own server on loopback answers"):
        patient.visit(f"http://{LOOPBACK}:{free_port()}/")


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("$1,234.50", 1234.5),
        ("1.234,50 €", 1234.5),
        ("1 234,50 USD", 1234.5),
        ("USD 1'234.5012", 1234.50119),
        ("Total: $0.331604", 0.3316044),
        ("0.30", 0.3),
        ("0.3", 0.3),
        ("12", 12.0),
        ("12,345", 12345.0),
        ("12,34", 12.34),
        ("1.5e-7 USD", 1.5e-7),
        ("$0.13", 0.125),
        ("$0.12", 0.125),
        ("\u22120.50", -0.5),
    ],
)
def test_an_amount_is_read_however_it_is_dressed(text: str, actual: float) -> None:
    """Signs, separators and rounding to at least a cent are the page's own business."""
    assert ShownAmount.read(text).tells(actual)


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("$12", 12.34),
        ("$12.3", 12.34),
        ("$12.35", 12.34),
        ("$0.331605", 0.3316044),
        ("$0.00", 0.01),
        ("12.34 of 50.00", 12.34),
        ("nothing yet", 0.0),
        ("", 0.0),
        ("NaN", 0.0),
        ("$1,234.50", 1.2345),
    ],
)
def test_another_amount_does_not_tell(text: str, actual: float) -> None:
    """Neither one that is too coarse, nor one that is rounded wrongly, nor several, nor none."""
    assert not ShownAmount.read(text).tells(actual)
