"""The report as one self-contained page for people: no request leaves it, no text of a platform runs in it."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from harness.report import marks, templating, text
from harness.report.document import CheckEntry, Report
from harness.report.figures.draw import drawing

name: Final = "HTML"
filename: Final = "report.html"


def render(report: Report) -> str:
    """The page; its only script is allowed by its digest, so that nothing quoted in it can ever run."""
    environment = templating.environment(
        shown=text.shown, seen=text.seen, duration=text.duration, share=text.share, anchors=anchors, drawing=drawing
    )
    script = environment.get_template("report.js").render()
    page = environment.get_template("report.html.j2")
    return page.render(
        report=report,
        decision=marks.of_decision(report.decision),
        statuses=marks.STATUS_MARKS,
        outcomes=marks.OUTCOME_MARKS,
        states=marks.STATE_MARKS,
        parts=marks.PART_MARKS,
        places=frozenset(_places(report)),
        counts=Counter(requirement.status for requirement in report.requirements),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _places(report: Report) -> Iterator[str]:
    """What the page has a place for, and can be linked to."""
    for requirement in report.requirements:
        for criterion in requirement.criteria:
            yield criterion.id
            yield from (check.id for check in criterion.checks)


def anchors(checks: tuple[CheckEntry, ...]) -> list[tuple[str, CheckEntry]]:
    """Each check with the id of its place on the page: its own, numbered from the second execution on."""
    times: Counter[str] = Counter()
    placed: list[tuple[str, CheckEntry]] = []
    for check in checks:
        times[check.id] += 1
        suffix = f"~{times[check.id]}" if times[check.id] > 1 else ""
        placed.append((check.id + suffix, check))
    return placed
