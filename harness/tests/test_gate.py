"""The gate opens for whole, recent evidence of the right build, and for failures that are waived as they are today."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from harness import gate, verdict
from harness.errors import Misuse
from harness.gate import Demand, Policy, Waiver
from harness.model import Decision, Failed, Inconclusive, Outcome, Passed, Record
from harness.tests.record import DIGEST, FINISHED, check, criterion, header, record, requirement

A, B = check("REQ-A-001.1/a"), check("REQ-A-001.2/b")
BOTH = requirement(criterion(1, A), criterion(2, B))
PASSED, FAILED, UNSURE = Passed(), Failed(because="it is 4 long"), Inconclusive(because="no browser")
DEMAND = Demand(now=FINISHED + timedelta(hours=1), max_age=timedelta(hours=24), digest=DIGEST)
TODAY = DEMAND.now.date()


def seen(a: Outcome, b: Outcome = PASSED) -> Record:
    """Give a whole record in which the two checks came to this."""
    return record(header(BOTH), {A.id: a, B.id: b})


def waiver(*, criterion: str = "REQ-A-001.1", failure: Outcome = FAILED, days: int = 1) -> Waiver:
    """Waive the failure of a criterion for so many days."""
    (first, _) = verdict.judge(seen(failure)).criteria
    return Waiver(
        criterion=criterion,
        reason="mended next week",
        owner="ada",
        expires=TODAY + timedelta(days=days),
        fingerprint=verdict.fingerprint(first),
    )


def admitted(found: Record, *waivers: Waiver, demand: Demand = DEMAND) -> Decision:
    """Ask the gate."""
    return gate.admit(found, verdict.judge(found), policy=Policy(waivers=waivers), demand=demand)


def test_whole_recent_evidence_of_this_build_opens_the_gate() -> None:
    """Nothing else does so without a waiver."""
    assert admitted(seen(PASSED)).exit_code == 0
    assert admitted(seen(UNSURE)).exit_code == 2
    assert admitted(seen(FAILED)).exit_code == 1


@pytest.mark.parametrize("digest", ["e" * 64, ""])
def test_evidence_of_another_build_is_unfit(digest: str) -> None:
    """Also when the digest expected is an empty variable of a pipeline."""
    decision = admitted(seen(PASSED), demand=replace(DEMAND, digest=digest))
    assert decision.exit_code == 2
    assert "of another build" in decision.reasons[0]


@pytest.mark.parametrize(
    ("hours", "code", "why"), [(23.9, 0, ""), (24.1, 2, "too old"), (-0.05, 0, ""), (-1, 2, "from the future")]
)
def test_evidence_has_an_age(hours: float, code: int, why: str) -> None:
    """Too old or from the future is unfit; a few minutes lie between clocks."""
    decision = admitted(seen(PASSED), demand=replace(DEMAND, now=FINISHED + timedelta(hours=hours)))
    assert decision.exit_code == code
    assert why in decision.reasons[0]


def test_a_partial_run_is_unfit() -> None:
    """Complete is said by the run, not hoped for."""
    first = header(BOTH, selection=("REQ-A-001",))
    assert admitted(record(first, {A.id: PASSED, B.id: PASSED})).exit_code == 2


def test_evidence_without_a_footer_is_unfit() -> None:
    """A run that was cut short opens nothing."""
    assert admitted(replace(seen(PASSED), footer=None)).exit_code == 2


def test_unfit_evidence_of_a_violation_is_a_violation() -> None:
    """Nonconformant goes before unfit, and both are told."""
    decision = admitted(seen(FAILED), demand=replace(DEMAND, digest="e" * 64))
    assert decision.exit_code == 1
    assert len(decision.reasons) == 2


@pytest.mark.parametrize("days", [0, 1])
def test_a_valid_waiver_lets_its_failure_through(days: int) -> None:
    """Until the end of its date, and the decision names it."""
    decision = admitted(seen(FAILED), waiver(days=days))
    assert decision.exit_code == 0
    assert "REQ-A-001.1 is waived until" in decision.reasons[0]


def test_a_waiver_covers_its_criterion_alone() -> None:
    """Another failure, or another doubt, still decides."""
    assert admitted(seen(FAILED, FAILED), waiver()).exit_code == 1
    assert admitted(seen(FAILED, UNSURE), waiver()).exit_code == 2
    assert admitted(replace(seen(FAILED), footer=None), waiver()).exit_code == 2


@pytest.mark.parametrize(
    ("outcome", "given", "why"),
    [
        (FAILED, waiver(days=-1), "expired on"),
        (PASSED, waiver(), "is not needed: it is conformant"),
        (Failed(because="it is wide"), waiver(), "another failure than today's"),
        (FAILED, waiver(criterion="REQ-A-001.9"), "the suite does not have"),
        (PASSED, waiver(criterion="REQ-A-001.9"), "the suite does not have"),
    ],
)
def test_a_spent_waiver_closes_the_gate(outcome: Outcome, given: Waiver, why: str) -> None:
    """Past its date, not needed, for another failure, or for nothing that exists."""
    decision = admitted(seen(outcome), given)
    assert decision.exit_code == 1
    assert why in decision.reasons[0]


def test_a_waiver_does_not_turn_a_doubt_into_anything() -> None:
    """An undetermined criterion is neither let through nor a spent waiver."""
    assert admitted(seen(UNSURE), waiver()).exit_code == 2


def test_a_waiver_outside_the_selection_is_not_spent() -> None:
    """What was not judged is no reason against a waiver; the run is unfit by itself."""
    first = replace(header(BOTH, selection=("REQ-A-001.2",)), required=(B.id,))
    assert admitted(record(first, {B.id: PASSED}), waiver()).exit_code == 2


VALID = """
max_age_hours = 12
[[waivers]]
criterion = "REQ-A-001.1"
reason = "mended next week"
owner = "ada"
expires = 2026-12-01
fingerprint = "abc"
"""


def test_a_policy_is_read(tmp_path: Path) -> None:
    """Every word of it arrives."""
    (tmp_path / "policy.toml").write_text(VALID)
    policy = gate.read_policy(tmp_path / "policy.toml")
    assert policy.max_age_hours == 12
    assert policy.waivers[0].expires.isoformat() == "2026-12-01"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("reason", "raison"),
        ('owner = "ada"\n', ""),
        ('"mended next week"', '""'),
        ("2026-12-01", '"soon"'),
        ("= 12", "= -1"),
        ("= 12", "= nan"),
        ("= 12", "= inf"),
        ("[[waivers]]", "[[waivers]"),
        ("[[waivers]]", "surprise = 1\n[[waivers]]"),
        ("ada", "\udcff"),
    ],
)
def test_a_malformed_policy_is_misuse(tmp_path: Path, was: str, now: str) -> None:
    """A word too many, too few or misspelt is said, never passed over."""
    path = tmp_path / "policy.toml"
    path.write_bytes(VALID.replace(was, now).encode(errors="surrogateescape"))
    with pytest.raises(Misuse, match="malformed"):
        gate.read_policy(path)


def test_a_missing_policy_is_misuse(tmp_path: Path) -> None:
    """A gate without its rules decides nothing."""
    with pytest.raises(Misuse, match="cannot read"):
        gate.read_policy(tmp_path / "policy.toml")
