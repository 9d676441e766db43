"""The report as one self-contained page for people: no request leaves it, no text of a platform runs in it."""

import base64
import hashlib
from collections import Counter
from typing import Final

from harness.report import marks, templating, text
from harness.report.document import CheckEntry, Report

name: Final = "HTML"
filename: Final = "report.html"


def render(report: Report) -> str:
    """The page; its only script is allowed by its digest, so that nothing quoted in it can ever run."""
    environment = templating.environment(shown=text.shown, seen=text.seen, duration=text.duration, anchors=anchors)
    script = environment.get_template("report.js").render()
    page = environment.get_template("report.html.j2")
    return page.render(
        report=report,
        decision=marks.of_decision(report.decision),
        statuses=marks.STATUS_MARKS,
        outcomes=marks.OUTCOME_MARKS,
        counts=Counter(requirement.status for requirement in report.requirements),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def anchors(checks: tuple[CheckEntry, ...]) -> list[tuple[str, CheckEntry]]:
    """Each check with the id of its place on the page: its own, numbered from the second execution on."""
    times: Counter[str] = Counter()
    placed: list[tuple[str, CheckEntry]] = []
    for check in checks:
        times[check.id] += 1
        suffix = f"~{times[check.id]}" if times[check.id] > 1 else ""
        placed.append((check.id + suffix, check))
    return placed
