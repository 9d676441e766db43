"""The report as Markdown, made to be a job's summary in CI: the decision, one table, then what needs attention."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from harness.report import acceptance_markdown, marks, text
from harness.report.document import CheckEntry, CriterionEntry, Report, RequirementEntry
from harness.report.figures.draw import drawing
from harness.report.markdown_text import plain

name: Final = "Markdown"
filename: Final = "report.md"

# Job summaries are refused as a whole above 1 MiB; a character may take four bytes.
LIMIT: Final = 250_000


def render(report: Report) -> str:
    """The whole summary, cut at a line with a note when it would be refused for its size."""
    return _fitting("\n".join(_lines(report)) + "\n")


def _lines(report: Report) -> Iterator[str]:
    mark = marks.of_decision(report.decision)
    run = report.run
    yield f"# {mark.symbol} {mark.word}: {plain(run.target.name)} {plain(run.target.version)}"
    yield ""
    yield from (f"- {plain(reason)}" for reason in report.decision.reasons)
    if run.void:
        yield f"\n**This run may not be relied on:** {plain('; '.join(run.void))}"
    yield f"\n{_surroundings(report)}\n"
    yield from acceptance_markdown.lines(report)
    yield from _table(report)
    for requirement in report.requirements:
        if requirement.status in ("nonconformant", "undetermined"):
            yield from _requirement(requirement)


def _surroundings(report: Report) -> str:
    run, census = report.run, report.census
    part = f"only shard {run.shard}" if run.shard else "a selection"
    asked = "the whole suite" if run.complete else f"{part} ({plain(', '.join(run.selection))})"
    return (
        f"{census.executed} of {census.checks} checks executed, {census.criteria} criteria "
        f"({census.out_of_profile} out of profile), {census.requirements} requirements; {asked}; "
        f"profile {run.profile}, seed {run.seed}, services {plain(run.services)}, {text.duration(run.seconds)}; "
        f"digest {plain(run.target.digest[:12])}; exit code {report.decision.exit_code}"
    )


def _table(report: Report) -> Iterator[str]:
    yield "| status | requirement | | criteria |"
    yield "|---|---|---|---|"
    for one in report.requirements:
        mark = marks.STATUS_MARKS[one.status]
        yield f"| {mark.symbol} {mark.word} | {one.id} | {plain(one.title)} | {_tally(one.criteria)} |"


def _tally(criteria: tuple[CriterionEntry, ...]) -> str:
    counts = Counter(criterion.status for criterion in criteria)
    return ", ".join(f"{counts[one]} {mark.word}" for one, mark in marks.STATUS_MARKS.items() if counts[one]) or "none"


def _requirement(requirement: RequirementEntry) -> Iterator[str]:
    mark = marks.STATUS_MARKS[requirement.status]
    yield f"\n## {mark.symbol} {requirement.id} {plain(requirement.title)}\n"
    yield f"> {plain(requirement.text)}"
    if not requirement.criteria:
        yield from (f"\n{plain(reason)}" for reason in requirement.because)
    for criterion in requirement.criteria:
        if criterion.status in ("nonconformant", "undetermined"):
            yield from _criterion(criterion)


def _criterion(criterion: CriterionEntry) -> Iterator[str]:
    mark = marks.STATUS_MARKS[criterion.status]
    yield f"\n### {mark.symbol} {criterion.id} {plain(criterion.text)} ({mark.word})\n"
    if criterion.repairs:
        yield f"Seen only under repair: {plain(', '.join(criterion.repairs))}\n"
    if criterion.gap:
        yield f"Known gap of this target: {plain(criterion.gap)}\n"
    if not criterion.checks:
        yield from (f"- {plain(reason)}" for reason in criterion.because)
    for check in criterion.checks:
        yield from _check(check)


def _check(check: CheckEntry) -> Iterator[str]:
    mark = marks.OUTCOME_MARKS[check.outcome]
    because = f": {plain(check.because)}" if check.because else f", {check.examined} examined"
    ways = (*((f"by {check.path}",) if check.path else ()), *(f"under repair: {one}" for one in check.repairs))
    path = f" ({plain(', '.join(ways))})" if ways else ""
    yield f"- {mark.symbol} **{mark.word}** {plain(check.title)}{path}{because}"
    if mark.tone in ("bad", "doubt"):
        yield from (
            f"  - {plain(f'{one.instrument}: {one.claim}: {text.seen(one.observed)}')}" for one in check.readings
        )
        yield from (f"  - {plain(drawn.title)}: {plain(drawn.told)}" for drawn in map(drawing, check.figures))
        yield f"\n  {_fence(text.shown(check.reproduce))}\n"


def _fence(command: str) -> str:
    """A block of code whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", command)), default=0)
    fence = "`" * max(3, longest + 1)
    body = command.replace("\n", "\n  ")
    return f"{fence}sh\n  {body}\n  {fence}"


def _fitting(whole: str) -> str:
    if len(whole) <= LIMIT:
        return whole
    return whole[: whole.rindex("\n", 0, LIMIT)] + "\n\n(cut here: the rest is in report.html)\n"
