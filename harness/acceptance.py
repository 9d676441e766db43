"""The document's own summary of a run: its success metrics (§2.2), its acceptance list (§10), its rollout (§8).

Pure: counted from the readings and concluded from the verdicts of one record. Nothing is typed in but which parts of
the suite each line rests on; a part that no feature covers, or that this run did not judge, makes no line met.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from harness import model
from harness.model import Failed, Passed, Record, Status, Verdict
from harness.verdict import Judgement

State = Literal["met", "not-met", "undetermined", "not-judged"]
PartStatus = Status | Literal["uncovered", "not-judged"]
VOID: Final = "the run may not be relied on"
NOTHING_COUNTED: Final = "nothing was counted"
NOTHING_APPLIES: Final = "nothing of it applies or is in the profile"

# What follows from a part; what does not apply or is out of profile is left out.
_RANKING: Final[Mapping[PartStatus, State]] = {
    "nonconformant": "not-met",
    "uncovered": "undetermined",
    "undetermined": "undetermined",
    "not-judged": "not-judged",
    "conformant": "met",
}
_WORST_FIRST: Final[tuple[State, ...]] = ("not-met", "undetermined", "not-judged", "met")
_SAID: Final[Mapping[PartStatus, str]] = {
    "nonconformant": "nonconformant",
    "uncovered": "no feature covers it",
    "undetermined": "undetermined",
    "not-judged": "not judged in this run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One criterion that a line rests on, or a requirement that no feature covers, and its status."""

    subject: str
    status: PartStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one check counted for a metric."""

    check: str
    right: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One success metric: how many of how many, by which formula, counted by which checks.

    `target` is the share that `counted` of `total` shall be; `parts` are the criteria that answer for it.
    """

    name: str
    formula: str
    counted: int
    total: int
    target: Literal[0, 1]
    state: State
    because: tuple[str, ...]
    shares: tuple[Share, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the acceptance list, or one step of the rollout, with the criteria that it rests on."""

    text: str
    state: State
    because: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of the rollout: reached when each of its steps is, and the phase before it."""

    title: str
    state: State
    because: tuple[str, ...]
    steps: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The four metrics, the eight lines, the four phases."""

    metrics: tuple[Metric, ...]
    lines: tuple[Line, ...]
    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How a metric is counted; `within` names the criterion whose checks alone count, if not all do."""

    name: str
    formula: str
    counts: model.Metric
    target: Literal[0, 1]
    rests_on: tuple[str, ...]
    within: str = ""


_METRICS: Final = (
    _Rule(
        name="Import error rate",
        formula="failed imports / examined imports",
        counts="imports",
        target=0,
        rests_on=("REQ-BILL-001.1",),
    ),
    _Rule(
        name="E2E test pass rate",
        formula="passed tests / collected tests of section 6.3",
        counts="own-tests",
        target=1,
        rests_on=("TST-E2E-001.1",),
        within="TST-E2E-001.1",
    ),
    _Rule(
        name="Cost tracking coverage",
        formula="served calls with exactly one record / served calls",
        counts="served-calls",
        target=1,
        rests_on=("REQ-E2E-002.1", "REQ-E2E-003.1", "OBJ-LIFECYCLE-001.1"),
    ),
    _Rule(
        name="Budget enforcement accuracy",
        formula="right decisions for a budget / tried decisions",
        counts="budget-decisions",
        target=1,
        rests_on=("REQ-E2E-004.1", "REQ-E2E-004.2", "OBJ-BUDGET-001.1"),
    ),
)

_LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "All billing module imports resolve without errors": ("REQ-BILL-001.1", "REQ-BILL-001.2"),
    "Unit test suite passes with > 90% coverage on cost tracking": ("TST-UNIT-001", "NFR-MAIN-001"),
    "Integration tests validate spec workflow with cost tracking": ("TST-INT-001",),
    "E2E tests confirm full lifecycle functionality": ("TST-E2E-001", "OBJ-LIFECYCLE-001"),
    "Budget enforcement blocks tasks when limits exceeded": ("REQ-E2E-004.1", "REQ-E2E-004.2"),
    "Cost events publish correctly to EventBus": ("REQ-EVT-001",),
    "Cost API returns accurate summaries and breakdowns": ("REQ-E2E-003.2", "REQ-E2E-003.3", "REQ-E2E-005"),
    "No performance regression in spec execution (< 5% slowdown)": ("ACC-SLOWDOWN-001",),
}

_PHASES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "Import Fix Validation": {
        "Verify all import statements": ("REQ-BILL-001.1", "REQ-BILL-001.2", "REQ-BILL-002.1", "NFR-MAIN-002"),
        "Run static type checking": ("REQ-BILL-001.3",),
        "Execute existing unit tests": ("TST-UNIT-001", "NFR-MAIN-001"),
    },
    "Integration Testing": {
        "Run integration test suite": ("TST-INT-001",),
        "Validate cost recording in staging environment": (
            *("REQ-BILL-002", "REQ-BILL-003", "REQ-E2E-002", "REQ-E2E-003"),
            *("NFR-REL-001", "NFR-REL-002", "CON-MIG-001", "CON-COMPAT-001"),
        ),
        "Verify event publishing": ("REQ-EVT-001", "REQ-EVT-002"),
    },
    "E2E Validation": {
        "Execute full E2E test suite": ("TST-E2E-001",),
        "Perform manual spec workflow testing": ("REQ-E2E-001", "REQ-E2E-005", "OBJ-LIFECYCLE-001"),
        "Validate budget enforcement behavior": ("REQ-E2E-004", "OBJ-BUDGET-001"),
    },
    "Production Deployment": {
        "Deploy to production with feature flag": ("NFR-SEC-001", "NFR-SEC-002", "CON-API-001"),
        "Monitor cost recording metrics": ("NFR-PERF-001", "NFR-PERF-002"),
        "Enable for all users after validation": tuple(
            dict.fromkeys(one for subjects in _LINES.values() for one in subjects)
        ),
    },
}


def assess(record: Record, judgement: Judgement) -> Acceptance:
    """Count the metrics and conclude the lines and phases of a run that was judged."""
    sheet = _Sheet(record, judgement)
    return Acceptance(
        metrics=tuple(_metric(sheet, rule) for rule in _METRICS),
        lines=tuple(_line(sheet, text, subjects) for text, subjects in _LINES.items()),
        phases=tuple(_phases(sheet)),
    )


class _Sheet:
    """What the suite knows, what was judged of it, and what was counted."""

    def __init__(self, record: Record, judgement: Judgement) -> None:
        self.evidence = record.evidence
        self.void = bool(judgement.void)
        self._criteria = {one.id: tuple(each.id for each in one.criteria) for one in record.header.requirements}
        self._known = frozenset(criterion for criteria in self._criteria.values() for criterion in criteria)
        self._verdicts: dict[str, PartStatus] = {one.subject: _as_shipped(one) for one in judgement.criteria}

    def parts(self, subjects: Iterable[str]) -> tuple[Part, ...]:
        """Each criterion that these ids name, with its status."""
        named = dict.fromkeys(each for one in subjects for each in self._criteria.get(one) or (one,))
        return tuple(Part(subject=one, status=self._status(one)) for one in named)

    def shares(self, rule: _Rule) -> Iterator[Share]:
        """What each check counted for a metric as the platform was shipped, unless nothing followed from it."""
        for line in self.evidence:
            if line.repairs or not isinstance(line.outcome, Passed | Failed):
                continue
            tallies = [one.tally for one in line.readings if one.tally and one.tally.metric == rule.counts]
            if tallies and line.check.startswith(f"{rule.within}/" if rule.within else ""):
                yield Share(
                    check=line.check, right=sum(one.right for one in tallies), of=sum(one.of for one in tallies)
                )

    def _status(self, criterion: str) -> PartStatus:
        if criterion not in self._known:
            return "uncovered"
        return self._verdicts.get(criterion, "not-judged")


def _metric(sheet: _Sheet, rule: _Rule) -> Metric:
    shares, parts = tuple(sheet.shares(rule)), sheet.parts(rule.rests_on)
    right, total = sum(one.right for one in shares), sum(one.of for one in shares)
    state, because = _concluded(sheet, parts)
    if sheet.void:
        state, because = "undetermined", (VOID,)
    elif right < total:
        wrong = ", ".join(one.check for one in shares if one.right < one.of)
        state, because = "not-met", (f"{total - right} of {total} are not as they must be: {wrong}", *because)
    elif state == "met" and not total:
        state, because = "undetermined", (NOTHING_COUNTED,)
    return Metric(
        name=rule.name,
        formula=rule.formula,
        counted=right if rule.target else total - right,
        total=total,
        target=rule.target,
        state=state,
        because=because,
        shares=shares,
        parts=parts,
    )


def _line(sheet: _Sheet, text: str, subjects: Sequence[str]) -> Line:
    parts = sheet.parts(subjects)
    state, because = _concluded(sheet, parts)
    return Line(text=text, state=state, because=because, parts=parts)


def _phases(sheet: _Sheet) -> Iterator[Phase]:
    before: State = "met"
    for number, (title, steps) in enumerate(_PHASES.items()):
        lines = tuple(_line(sheet, text, subjects) for text, subjects in steps.items())
        state = _worst((before, *(line.state for line in lines)))
        waits = (f"phase {number} comes first",) if before != "met" else ()
        open_steps = tuple(f"{line.text}: {'; '.join(line.because)}" for line in lines if line.state != "met")
        yield Phase(title=title, state=state, because=(*waits, *open_steps), steps=lines)
        before = state


def _concluded(sheet: _Sheet, parts: Sequence[Part]) -> tuple[State, tuple[str, ...]]:
    """The state of what rests on some criteria, and each reason why it is not met."""
    state = _worst(_RANKING[part.status] for part in parts if part.status in _RANKING)
    because = tuple(_reasons(parts))
    if state == "met" and sheet.void:
        return "undetermined", (VOID,)
    if state == "undetermined" and not because:
        return state, (NOTHING_APPLIES,)
    return state, because


def _reasons(parts: Sequence[Part]) -> Iterator[str]:
    for status, words in _SAID.items():
        named = [part.subject for part in parts if part.status == status]
        if named:
            yield f"{words}: {', '.join(named)}"


def _as_shipped(verdict: Verdict) -> PartStatus:
    """What a criterion is worth for a rollout: what is in order only once something was mended is not there yet."""
    mended = verdict.repairs and verdict.status in ("conformant", "not-applicable")
    return "undetermined" if mended else verdict.status


def _worst(states: Iterable[State]) -> State:
    """The worst of them; of nothing, nothing is known."""
    found = sorted(states, key=_WORST_FIRST.index)
    return found[0] if found else "undetermined"
