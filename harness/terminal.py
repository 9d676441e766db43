"""What a person sees while a run goes on and when it has ended."""

import os
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from harness import verdict
from harness.model import (
    Canary,
    Decision,
    Evidence,
    Header,
    Outcome,
    Passed,
)
from harness.plan import Plan
from harness.repairs import Masked
from harness.report.document import CriterionEntry, Report
from harness.report.marks import OUTCOME_MARKS, STATUS_MARKS, Mark, Tone
from harness.verdict import Judgement

if TYPE_CHECKING:
    from harness.doctor import Symptom

_COLOURS: Final[dict[Tone, str]] = {"good": "green", "bad": "red", "doubt": "yellow", "quiet": "dim"}
_SHOWN_REASONS: Final = 3
_SHOWN_LETTERS: Final = 400


class Screen(Console):
    """A console whose reader may leave: the run goes on, and its exit code stays that of the verdict."""

    def on_broken_pipe(self) -> None:
        """Say the rest to nobody."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class LiveWatch:
    """A progress bar in a terminal, plain lines in a log; what did not pass is said as soon as it is known."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID | None = None

    def began(self, header: Header, planned: Plan) -> None:
        """Say what is judged, and show the bar."""
        run = header.run
        self._console.print(
            f"Judging [bold]{escape(run.target.name)}[/] {escape(run.target.version)} ({run.target.digest[:12]}), "
            f"{len(planned.required)} checks, profile {run.profile}, seed {run.environment.seed}"
            f"{f', shard {run.shard}' if run.shard else ''}",
            highlight=False,
        )
        stood = run.environment
        self._console.print(f"Services: {stood.services}, since {escape(stood.services_because)}", highlight=False)
        self._progress.start()
        self._task = self._progress.add_task("services are starting", total=len(planned.required))

    def saw(self, line: Evidence | Canary) -> None:
        """Move the bar on and show an outcome."""
        if isinstance(line, Canary):
            return
        if self._task is not None:
            self._progress.update(self._task, advance=1, description=line.check.partition("/")[0])
        passed = isinstance(line.outcome, Passed)
        if not passed or not self._console.is_terminal:
            self._console.print(
                f"{_coloured(OUTCOME_MARKS[line.outcome.kind])} {escape(line.check)}{_way(line)} "
                f"[dim]{line.seconds:.1f} s[/]",
                highlight=False,
            )
        if not passed:
            self._console.print(f"    {escape(_cut(_because(line.outcome)))}", highlight=False)

    def repeats(self, masked: Masked) -> None:
        """Say what is mended, and make the bar longer."""
        for repair in masked.repairs:
            told = f"Once more under the repair “{repair.name}”, since {repair.because}"
            self._console.print(escape(told), highlight=False)
        if self._task is not None:
            longer = len(masked.planned.required) + (self._progress.tasks[0].total or 0)
            self._progress.update(self._task, total=longer)

    def ended(self) -> None:
        """Take the bar away."""
        self._progress.stop()


def show(report: Report, console: Console, *, folder: str) -> None:
    """Print the verdicts and the decision, with the reasons of whatever is not conformant."""
    console.print()
    for requirement in report.requirements:
        title = f"{requirement.id}  {requirement.title}"
        console.print(
            f"{_coloured(STATUS_MARKS[requirement.status])} {escape(title)}: {requirement.status}", highlight=False
        )
        for criterion in requirement.criteria:
            _show_criterion(criterion, console)
    counted = Counter(requirement.status for requirement in report.requirements)
    console.print()
    console.print(", ".join(f"{number} {status}" for status, number in counted.items()), highlight=False)
    for reason in report.decision.reasons[:_SHOWN_REASONS] if not report.decision.passed else ():
        console.print(f"  {escape(reason)}", highlight=False)
    word = "[bold green]PASSED[/]" if report.decision.passed else "[bold red]NOT PASSED[/]"
    console.print(f"{word} (exit {report.decision.exit_code}) after {report.run.seconds:.1f} s", highlight=False)
    console.print(f"Report: {folder}/report.html", highlight=False, soft_wrap=True)


def _show_criterion(criterion: CriterionEntry, console: Console) -> None:
    if criterion.status in ("conformant", "not-applicable", "out-of-profile"):
        return
    mended = f" (under repair: {', '.join(criterion.repairs)})" if criterion.repairs else ""
    console.print(
        f"    {_coloured(STATUS_MARKS[criterion.status])} {escape(criterion.id)} {escape(criterion.text + mended)}",
        highlight=False,
    )
    # One defect often fails many checks with the same words, which are said once.
    by_words: dict[str, list[str]] = {}
    for reason in criterion.because:
        check, _, words = reason.partition(": ")
        by_words.setdefault(words or reason, []).append(check)
    for words, named in list(by_words.items())[:_SHOWN_REASONS]:
        often = f" ({len(named)} checks)" if len(named) > 1 else ""
        console.print(f"        {escape(_cut(words))}{often}", highlight=False)


def _coloured(mark: Mark) -> str:
    return f"[{_COLOURS[mark.tone]}]{mark.symbol}[/]"


def _way(line: Evidence) -> str:
    """By which of several ways it was seen, and whether the platform was mended for it."""
    return escape(f" by {line.path}" * bool(line.path) + " under repair" * bool(line.repairs))


def _because(outcome: Outcome) -> str:
    return "" if isinstance(outcome, Passed) else outcome.because


def show_decision(decision: Decision, judgement: Judgement, console: Console) -> None:
    """Print what the gate decided, its reasons, and the fingerprint that a waiver of each failure would need."""
    for reason in decision.reasons:
        console.print(f"  {escape(reason)}", highlight=False, soft_wrap=True)
    for criterion in judgement.criteria:
        if criterion.status == "nonconformant":
            told = f"  fingerprint of {criterion.subject}: {verdict.fingerprint(criterion)}"
            console.print(told, highlight=False, soft_wrap=True)
    word = "[bold green]OPEN[/]" if decision.passed else "[bold red]CLOSED[/]"
    console.print(f"Gate {word} (exit {decision.exit_code})", highlight=False)


def show_symptoms(symptoms: "Iterable[Symptom]", console: Console) -> None:
    """Print what the doctor found, one line each, with the hint where something is not well."""
    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "missing": "[red]✗[/]"}
    for symptom in symptoms:
        line = f"{marks[symptom.health]} {escape(symptom.what)}: {escape(symptom.detail)}"
        console.print(line, highlight=False, soft_wrap=True)
        if symptom.health != "ok" and symptom.hint:
            console.print(f"    {escape(symptom.hint)}", highlight=False, soft_wrap=True)


def show_cleaned(names: Iterable[str], console: Console) -> None:
    """Print which leftovers are gone."""
    for name in names:
        console.print(f"removed {escape(name)}", highlight=False)


def _cut(words: str) -> str:
    """What fits on a terminal: what a database or an interpreter adds below its first line is for the report."""
    shown = words.partition("\n")[0][:_SHOWN_LETTERS]
    return words if shown == words else f"{shown}… (whole in the report)"
