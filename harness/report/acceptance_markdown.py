"""The document's own summary of a run as Markdown: three compact tables and the reasons of what is not met."""

from collections.abc import Iterator, Sequence

from harness.acceptance import Metric, Part, State
from harness.report import marks, text
from harness.report.document import Report
from harness.report.markdown_text import plain


def lines(report: Report) -> Iterator[str]:
    """The metrics of §2.2, the acceptance list of §10 and the rollout of §8."""
    yield "## Acceptance\n"
    yield "| success metric (§2.2) | counted | target | |"
    yield "|---|---|---|---|"
    yield from (_metric(one) for one in report.metrics)
    yield "\n| | complete when (§10) | | rests on |"
    yield "|---|---|---|---|"
    for number, line in enumerate(report.acceptance, 1):
        yield f"| {number} | {plain(line.text)} | {_state(line.state)} | {_parts(line.parts)} |"
    yield "\n| | phase of the rollout (§8) | | needs |"
    yield "|---|---|---|---|"
    for number, phase in enumerate(report.phases, 1):
        needs = "; ".join(map(plain, phase.because)) or "nothing more"
        yield f"| {number} | {plain(phase.title)} | {_state(phase.state)} | {needs} |"
    legend = ", ".join(f"{mark.symbol} {mark.word}" for mark in marks.PART_MARKS.values())
    yield f"\n{legend}\n"
    yield "## Requirements\n"


def _metric(one: Metric) -> str:
    figure = f"{one.counted:,} / {one.total:,} = {text.share(one.counted, one.total)}"
    return f"| {plain(one.name)}: {plain(one.formula)} | {figure} | {text.share(one.target, 1)} | {_state(one.state)} |"


def _state(state: State) -> str:
    mark = marks.STATE_MARKS[state]
    return f"{mark.symbol} {mark.word}"


def _parts(parts: Sequence[Part]) -> str:
    """What a line rests on, each with its symbol."""
    return ", ".join(f"{marks.PART_MARKS[one.status].symbol} {plain(one.subject)}" for one in parts)
