"""The metrics, the acceptance list and the rollout follow from verdicts and readings, and nothing unseen is green."""

from dataclasses import replace

import pytest

from harness import acceptance, verdict
from harness.acceptance import Acceptance, Metric, State
from harness.model import (
    Criterion,
    Evidence,
    Failed,
    Inconclusive,
    NotApplicable,
    Outcome,
    Passed,
    Reading,
    Record,
    Requirement,
    Tally,
)
from harness.model import (
    Metric as Counts,
)
from harness.tests.record import STARTED, check, header, record, requirement

PASSED, FAILED = Passed(), Failed(because="it is long")
UNSURE, ABSENT = Inconclusive(because="no browser"), NotApplicable(because="none is declared")


def covering(name: str, number: int = 1) -> Requirement:
    """Name a requirement with so many criteria of one check each."""
    ids = [f"{name}.{one}" for one in range(1, number + 1)]
    return requirement(*(Criterion(id=one, text="", checks=(check(f"{one}/a"),)) for one in ids), name=name)


IMPORTS = covering("REQ-BILL-001", 3)
GUARD = covering("REQ-E2E-004", 2)
LIFECYCLE, EVENTS, BUDGET = covering("OBJ-LIFECYCLE-001"), covering("REQ-EVT-001", 2), covering("OBJ-BUDGET-001")
TESTS = covering("TST-E2E-001", 2)


def seen(check_id: str, outcome: Outcome, *tallies: Tally) -> Evidence:
    """Say what a check came to and what it counted."""
    readings = tuple(Reading(instrument="i", claim="c", observed="", examined=1, tally=one) for one in tallies)
    return Evidence(check=check_id, outcome=outcome, at=STARTED, readings=readings)


def count(metric: Counts, right: int, of: int) -> Tally:
    """Count for a metric."""
    return Tally(metric=metric, right=right, of=of)


def assessed(lines: tuple[Evidence, ...], *requirements: Requirement, selection: tuple[str, ...] = ()) -> Acceptance:
    """Judge and assess a record of these lines."""
    return of(replace(record(header(*requirements, selection=selection), {}), evidence=lines))


def of(subject: Record) -> Acceptance:
    """Judge and assess a record."""
    return acceptance.assess(subject, verdict.judge(subject))


def metric(found: Acceptance, name: str) -> Metric:
    """Find a metric by the beginning of its name."""
    return next(one for one in found.metrics if one.name.startswith(name))


def all_of(one: Requirement, outcome: Outcome = PASSED) -> tuple[Evidence, ...]:
    """Give every check of a requirement one outcome."""
    return tuple(seen(each.checks[0].id, outcome) for each in one.criteria)


def test_the_document_has_four_metrics_eight_lines_and_four_phases() -> None:
    """Whatever was run, the whole summary is there, and of nothing nothing is met."""
    nothing = assessed(())
    assert (len(nothing.metrics), len(nothing.lines), len(nothing.phases)) == (4, 8, 4)
    states = {one.state for part in (nothing.metrics, nothing.lines, nothing.phases) for one in part}
    assert states == {"undetermined"}


@pytest.mark.parametrize(
    ("second", "state"),
    [(PASSED, "met"), (ABSENT, "met"), (UNSURE, "undetermined"), (FAILED, "not-met")],
)
def test_a_line_is_as_good_as_its_worst_criterion(second: Outcome, state: State) -> None:
    """What does not apply is left out, what is not known is not met."""
    line = assessed((*all_of(EVENTS)[:1], seen("REQ-EVT-001.2/a", second)), EVENTS).lines[5]
    assert (line.text[:11], line.state) == ("Cost events", state)
    assert [part.subject for part in line.parts] == ["REQ-EVT-001.1", "REQ-EVT-001.2"]


def test_a_line_of_which_nothing_applies_is_undetermined() -> None:
    """Nothing that was looked at is no reason to be green."""
    assert assessed(all_of(EVENTS, ABSENT), EVENTS).lines[5].because == (acceptance.NOTHING_APPLIES,)


def test_what_no_feature_covers_is_said_to_be_undetermined() -> None:
    """A line rests on all its criteria, also on those that the suite does not have."""
    line = assessed(all_of(LIFECYCLE), LIFECYCLE).lines[3]
    assert line.state == "undetermined"
    assert line.because == ("no feature covers it: TST-E2E-001",)


def test_a_partial_run_says_what_it_did_not_judge() -> None:
    """What was left out by choice is neither held against a line nor counted for it, and a failure shows."""
    chosen = ("REQ-E2E-004.1",)
    line = assessed(all_of(GUARD)[:1], GUARD, selection=chosen).lines[4]
    assert (line.state, line.because) == ("not-judged", ("not judged in this run: REQ-E2E-004.2",))
    assert assessed(all_of(GUARD, FAILED)[:1], GUARD, selection=chosen).lines[4].state == "not-met"


def test_a_run_that_may_not_be_relied_on_meets_nothing() -> None:
    """A record without its footer is cut short, and its green lines are unknown."""
    whole = replace(record(header(EVENTS), {}), evidence=all_of(EVENTS))
    assert of(whole).lines[5].state == "met"
    short = of(replace(whole, footer=None)).lines[5]
    assert (short.state, short.because) == ("undetermined", (acceptance.VOID,))


def test_a_metric_sums_what_its_checks_counted() -> None:
    """Every tally of every check counts once, and each check is named with its share."""
    first = seen("REQ-E2E-004.1/a", PASSED, count("budget-decisions", 3, 3), count("budget-decisions", 1, 1))
    other = seen("REQ-E2E-004.2/a", PASSED, count("budget-decisions", 8, 8), count("imports", 5, 9))
    found = metric(assessed((first, other, *all_of(BUDGET)), GUARD, BUDGET), "Budget")
    assert (found.counted, found.total, found.state) == (12, 12, "met")
    assert [(one.check, one.right, one.of) for one in found.shares] == [
        ("REQ-E2E-004.1/a", 4, 4),
        ("REQ-E2E-004.2/a", 8, 8),
    ]


def test_the_import_error_rate_counts_what_failed() -> None:
    """Its target is none, so that it counts the others."""
    lines = (seen("REQ-BILL-001.1/a", FAILED, count("imports", 29, 31)), *all_of(IMPORTS)[1:])
    found = metric(assessed(lines, IMPORTS), "Import")
    assert (found.counted, found.total, found.target, found.state) == (2, 31, 0, "not-met")
    said = "2 of 31 are not as they must be: REQ-BILL-001.1/a"
    assert found.because == (said, "nonconformant: REQ-BILL-001.1")


@pytest.mark.parametrize("outcome", [UNSURE, ABSENT])
def test_what_a_check_counted_from_which_nothing_follows_counts_for_nothing(outcome: Outcome) -> None:
    """It may have counted before it found that it cannot tell."""
    lines = (seen("REQ-BILL-001.1/a", outcome, count("imports", 29, 31)), *all_of(IMPORTS)[1:])
    found = metric(assessed(lines, IMPORTS), "Import")
    assert (found.total, found.shares, found.state) == (0, (), "undetermined")


def test_no_metric_follows_from_a_run_that_may_not_be_relied_on() -> None:
    """What it counted is shown all the same."""
    lines = (seen("REQ-BILL-001.1/a", PASSED, count("imports", 29, 31)), *all_of(IMPORTS)[1:])
    whole = replace(record(header(IMPORTS), {}), evidence=lines)
    short = metric(of(replace(whole, footer=None)), "Import")
    assert (short.counted, short.state, short.because) == (2, "undetermined", (acceptance.VOID,))


def test_a_check_that_counts_what_no_criterion_blames_is_named() -> None:
    """Otherwise nobody would know where to look, since all that answers for the metric is conformant."""
    lines = (seen("REQ-BILL-001.2/a", PASSED, count("imports", 29, 31)), *all_of(IMPORTS)[:1], *all_of(IMPORTS)[2:])
    found = metric(assessed(lines, IMPORTS), "Import")
    assert (found.state, found.because) == ("not-met", ("2 of 31 are not as they must be: REQ-BILL-001.2/a",))


def test_only_the_tests_of_section_6_3_count_for_their_rate() -> None:
    """Tests of other sections are counted by the same instrument, and are no end-to-end tests."""
    unit = covering("TST-UNIT-001")
    lines = (seen("TST-UNIT-001.1/a", PASSED, count("own-tests", 4, 4)), *all_of(TESTS))
    found = metric(assessed(lines, TESTS, unit), "E2E")
    assert (found.total, found.state, found.because) == (0, "undetermined", (acceptance.NOTHING_COUNTED,))
    ends = seen("TST-E2E-001.1/a", PASSED, count("own-tests", 3, 3))
    assert metric(assessed((ends, *lines[:1], *all_of(TESTS)[1:]), TESTS, unit), "E2E").total == 3


def test_a_full_count_does_not_hide_a_criterion_that_fails() -> None:
    """A test that is missing is not among the collected ones, and the rate is not met for it."""
    lines = (seen("TST-E2E-001.1/a", FAILED, count("own-tests", 2, 2)), *all_of(TESTS)[1:])
    found = metric(assessed(lines, TESTS), "E2E")
    assert (found.counted, found.total, found.state) == (2, 2, "not-met")


def test_a_phase_waits_for_the_one_before() -> None:
    """Steps that are all met do not make a phase reached while an earlier one is open."""
    lines = tuple(line for one in (GUARD, LIFECYCLE, BUDGET, TESTS) for line in all_of(one))
    more = (covering("REQ-E2E-001"), covering("REQ-E2E-005"))
    every = (*lines, *(line for one in more for line in all_of(one)))
    third = assessed(every, GUARD, LIFECYCLE, BUDGET, TESTS, *more).phases[2]
    assert {step.state for step in third.steps} == {"met"}
    assert (third.state, third.because) == ("undetermined", ("phase 2 comes first",))


def test_a_phase_names_what_it_would_need() -> None:
    """Each open step is said with the criteria that keep it open."""
    first = assessed(all_of(IMPORTS), IMPORTS).phases[0]
    assert first.because == (
        "Verify all import statements: no feature covers it: REQ-BILL-002.1, NFR-MAIN-002",
        "Execute existing unit tests: no feature covers it: TST-UNIT-001, NFR-MAIN-001",
    )
    assert [step.state for step in first.steps] == ["undetermined", "met", "undetermined"]
