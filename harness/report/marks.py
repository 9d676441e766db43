"""The symbol and word of each status and outcome, one home for all formats: never a colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from harness.acceptance import PartStatus, State
from harness.errors import EXIT_CONFORMANT, EXIT_NONCONFORMANT, EXIT_UNDETERMINED
from harness.model import Decision, Status
from harness.report.document import CheckOutcome

Tone = Literal["good", "bad", "doubt", "quiet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How something is shown: a symbol, a word, and the tone that a format may colour."""

    symbol: str
    word: str
    tone: Tone


STATUS_MARKS: Final[Mapping[Status, Mark]] = {
    "nonconformant": Mark(symbol="✗", word="nonconformant", tone="bad"),
    "undetermined": Mark(symbol="?", word="undetermined", tone="doubt"),
    "conformant": Mark(symbol="✓", word="conformant", tone="good"),
    "not-applicable": Mark(symbol="—", word="not applicable", tone="quiet"),
    "out-of-profile": Mark(symbol="○", word="out of profile", tone="quiet"),
}

OUTCOME_MARKS: Final[Mapping[CheckOutcome, Mark]] = {
    "failed": Mark(symbol="✗", word="failed", tone="bad"),
    "inconclusive": Mark(symbol="?", word="inconclusive", tone="doubt"),
    "not-executed": Mark(symbol="∅", word="not executed", tone="doubt"),
    "passed": Mark(symbol="✓", word="passed", tone="good"),
    "not-applicable": Mark(symbol="—", word="not applicable", tone="quiet"),
    "out-of-profile": Mark(symbol="○", word="out of profile", tone="quiet"),
}

STATE_MARKS: Final[Mapping[State, Mark]] = {
    "not-met": Mark(symbol="✗", word="not met", tone="bad"),
    "undetermined": Mark(symbol="?", word="undetermined", tone="doubt"),
    "not-judged": Mark(symbol="·", word="not judged in this run", tone="quiet"),
    "met": Mark(symbol="✓", word="met", tone="good"),
}

PART_MARKS: Final[Mapping[PartStatus, Mark]] = {
    **STATUS_MARKS,
    "uncovered": Mark(symbol="∅", word="no feature covers it", tone="doubt"),
    "not-judged": Mark(symbol="·", word="not judged in this run", tone="quiet"),
}

_DECISION_MARKS: Final[Mapping[int, Mark]] = {
    EXIT_CONFORMANT: Mark(symbol="✓", word="Conformant", tone="good"),
    EXIT_NONCONFORMANT: Mark(symbol="✗", word="Nonconformant", tone="bad"),
    EXIT_UNDETERMINED: Mark(symbol="?", word="Undetermined", tone="doubt"),
}


def of_decision(decision: Decision) -> Mark:
    """The mark of a decision; a code that stands for no verdict is shown as not judged, and so is a pass at odds."""
    unjudged = Mark(symbol="?", word="Not judged", tone="doubt")
    if decision.passed != (decision.exit_code == EXIT_CONFORMANT):
        return unjudged
    return _DECISION_MARKS.get(decision.exit_code, unjudged)
