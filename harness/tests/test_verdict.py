"""The tables of verdicts, each row with a few lines of evidence and no platform."""

from dataclasses import replace

import pytest

from harness import gate, verdict
from harness.model import (
    Canary,
    Criterion,
    Failed,
    Gap,
    Inconclusive,
    NotApplicable,
    Outcome,
    Passed,
    Profile,
    Status,
    Verdict,
)
from harness.tests.record import check, criterion, footer, header, record, requirement

A, B, H = check("REQ-A-001.1/a"), check("REQ-A-001.1/b"), check("REQ-A-001.1/h", profile="hardened")
PASSED, FAILED = Passed(), Failed(because="it is 4 long")
UNSURE, ABSENT = Inconclusive(because="no browser"), NotApplicable(because="none is declared")


def status_of(one: Criterion, seen: dict[str, Outcome], *, profile: Profile = "core") -> Status:
    """Judge the only criterion of a record."""
    return verdict.judge(record(header(requirement(one), profile=profile), seen)).criteria[0].status


@pytest.mark.parametrize(
    ("a", "b", "status"),
    [
        (PASSED, PASSED, "conformant"),
        (PASSED, ABSENT, "conformant"),
        (ABSENT, ABSENT, "not-applicable"),
        (PASSED, UNSURE, "undetermined"),
        (ABSENT, UNSURE, "undetermined"),
        (PASSED, None, "undetermined"),
        (None, None, "undetermined"),
        (PASSED, FAILED, "nonconformant"),
        (UNSURE, FAILED, "nonconformant"),
        (ABSENT, FAILED, "nonconformant"),
        (None, FAILED, "nonconformant"),
    ],
)
def test_the_worst_check_wins(a: Outcome | None, b: Outcome | None, status: Status) -> None:
    """A criterion is as good as its worst required check; one that was not executed is unknown."""
    seen = {one.id: outcome for one, outcome in ((A, a), (B, b)) if outcome is not None}
    assert status_of(criterion(1, A, B), seen) == status


def test_a_check_seen_twice_counts_by_its_worst() -> None:
    """A later pass does not wash a failure away, whichever comes first."""
    for outcomes in ((FAILED, PASSED), (PASSED, FAILED)):
        lines = tuple((A.id, outcome) for outcome in outcomes)
        judged = verdict.judge(record(header(requirement(criterion(1, A))), lines))
        assert judged.criteria[0].status == "nonconformant"


def test_what_nobody_can_test_is_undetermined_though_its_checks_pass() -> None:
    """A stated reason stands, but a failure stands above it."""
    one = criterion(1, A, untested="needs a year")
    assert status_of(one, {A.id: PASSED}) == "undetermined"
    assert status_of(one, {A.id: FAILED}) == "nonconformant"


def test_a_criterion_without_checks_is_undetermined() -> None:
    """Nothing follows from nothing."""
    assert status_of(criterion(1), {}) == "undetermined"


@pytest.mark.parametrize(("profile", "status"), [("core", "out-of-profile"), ("hardened", "undetermined")])
def test_a_hardened_criterion_is_left_out_of_a_core_run_only(profile: Profile, status: Status) -> None:
    """A hardened run owes it a check, and the check an execution."""
    assert status_of(criterion(1, hardened=True), {}, profile=profile) == status
    assert status_of(criterion(1, H, hardened=True), {}, profile=profile) == status


def test_a_hardened_check_is_not_required_in_a_core_run() -> None:
    """Its sibling decides alone, also when the hardened one failed."""
    assert status_of(criterion(1, A, H), {A.id: PASSED, H.id: FAILED}) == "conformant"
    assert status_of(criterion(1, A, H), {A.id: PASSED, H.id: FAILED}, profile="hardened") == "nonconformant"


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("conformant", "nonconformant", "undetermined"), "nonconformant"),
        (("conformant", "undetermined"), "undetermined"),
        (("conformant", "not-applicable", "out-of-profile"), "conformant"),
        (("not-applicable", "out-of-profile"), "undetermined"),
        ((), "undetermined"),
    ],
)
def test_a_requirement_is_as_good_as_its_worst_criterion(statuses: tuple[Status, ...], expected: Status) -> None:
    """What does not apply or is out of profile is left out; nothing left is unknown."""
    criteria = [criterion(number) for number, _ in enumerate(statuses, start=1)]
    verdicts = {
        one.id: Verdict(subject=one.id, status=status, because=(), evidence=())
        for one, status in zip(criteria, statuses, strict=True)
    }
    assert verdict.judge_requirement(requirement(*criteria), verdicts).status == expected


@pytest.mark.parametrize(
    ("seen", "code"), [({A.id: PASSED}, 0), ({A.id: UNSURE}, 2), ({}, 2), ({A.id: ABSENT}, 2), ({A.id: FAILED}, 1)]
)
def test_the_exit_rule(seen: dict[str, Outcome], code: int) -> None:
    """Any nonconformant is 1, else any undetermined 2, else 0; a requirement of which nothing is left is unknown."""
    decision = gate.decide(verdict.judge(record(header(requirement(criterion(1, A))), seen)))
    assert (decision.exit_code, decision.passed) == (code, code == 0)
    assert decision.reasons


def test_nothing_judged_is_never_green() -> None:
    """A suite without requirements decides nothing."""
    assert gate.decide(verdict.judge(record(header(), {}))).exit_code == 2


def test_a_selection_is_incomplete_and_judges_its_own_part() -> None:
    """What was not asked for is neither held against the run nor shown as judged."""
    both = requirement(criterion(1, A), criterion(2, check("REQ-A-001.2/c")))
    first = replace(header(both, selection=("REQ-A-001.1",)), required=(A.id,))
    judged = verdict.judge(record(first, {A.id: PASSED}))
    assert not judged.complete
    assert [one.subject for one in judged.criteria] == ["REQ-A-001.1"]
    assert gate.decide(judged).exit_code == 0


DEAD = Canary(channel="bus", seen=False, lane="service", address="", version="")


@pytest.mark.parametrize("outcome", [PASSED, FAILED])
def test_a_void_run_is_never_green_and_keeps_its_reds(outcome: Outcome) -> None:
    """No footer, an unseen canary, a source that changed, a lane in trouble: void, and said why."""
    whole = record(header(requirement(criterion(1, A))), {A.id: outcome})
    spoilt = (
        replace(whole, footer=None),
        replace(whole, canaries=(DEAD,)),
        replace(whole, footer=footer(target_digest="e" * 64)),
        replace(whole, footer=footer(troubles=("the source lane ended with code 3",))),
    )
    for one in spoilt:
        judged = verdict.judge(one)
        assert len(judged.void) == 1
        assert gate.decide(judged).exit_code == (1 if outcome == FAILED else 2)


def test_a_gap_that_is_closed_must_go() -> None:
    """A declared gap excuses no failure, and does not outlive it."""
    first = header(requirement(criterion(1, A)), gaps=(Gap(criterion="REQ-A-001.1", because="later"),))
    assert gate.decide(verdict.judge(record(first, {A.id: PASSED}))).exit_code == 2
    assert gate.decide(verdict.judge(record(first, {A.id: FAILED}))).exit_code == 1


def failure(because: str, *, name: str = A.id) -> str:
    """Give the fingerprint of a criterion whose check failed for this reason."""
    one = criterion(1, A, B, check("REQ-A-001.1/r[1]"), check("REQ-A-001.1/r[2]"))
    judged = verdict.judge(record(header(requirement(one)), {name: Failed(because=because)}))
    return verdict.fingerprint(judged.criteria[0])


def test_a_fingerprint_outlives_numbers_and_paths() -> None:
    """The same failure of tomorrow has other ids, counts and folders."""
    today = failure("task 3fa85f64-5717-4562-b3fc-2c963f66afa6 cost 1.5 in /tmp/conform-1/a.yaml")
    assert today == failure("task 9bd0c1aa-0000-4562-b3fc-2c963f66afa6 cost 27 in /var/b/c.yaml")


def test_a_fingerprint_tells_failures_apart() -> None:
    """Another reason, another check, another row or one failure more is another failure."""
    rows = (failure("it is long", name=f"REQ-A-001.1/r[{row}]") for row in (1, 2))
    assert len({failure("it is long"), failure("it is wide"), failure("it is long", name=B.id), *rows}) == 5
