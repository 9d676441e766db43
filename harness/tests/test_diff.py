"""Two reports are compared by what turned, not by how often they were run."""

from dataclasses import replace

from harness import diff
from harness.model import Evidence, Failed, Passed
from harness.report.document import Report
from harness.tests import specimen

UPGRADE = "REQ-BILL-002.2/upgrade"


def _with(line: Evidence) -> Report:
    """Report a run in which one check went otherwise."""
    others = tuple(each for each in specimen.EVIDENCE if each.check != line.check)
    return specimen.report(specimen.record(seen=(*others, line)))


def test_a_report_does_not_differ_from_itself() -> None:
    """Nothing turned is said in words."""
    difference = diff.compare(specimen.report(), specimen.report())
    assert difference.empty
    assert difference.context == ()
    assert "Nothing turned." in diff.render(difference)


def test_a_criterion_that_turned_is_named_with_both_statuses_and_its_reason() -> None:
    """A reader sees from what to what, and why."""
    after = _with(specimen.evidence(UPGRADE, Failed(because="column id is gone")))
    difference = diff.compare(specimen.report(), after)
    assert [(turn.subject, turn.before, turn.after) for turn in difference.criteria] == [
        ("REQ-BILL-002.2", "conformant", "nonconformant")
    ]
    assert [(turn.subject, turn.before, turn.after) for turn in difference.checks] == [(UPGRADE, "passed", "failed")]
    assert "conformant → nonconformant: REQ-BILL-002.2/upgrade: column id is gone" in diff.render(difference)


def test_a_failure_for_another_reason_is_a_turn() -> None:
    """The same red for a new cause is shown as such."""
    check = specimen.REQUIRED[0]
    after = _with(specimen.evidence(check, Failed(because="another module is missing")))
    difference = diff.compare(specimen.report(), after)
    assert [turn.subject for turn in difference.checks] == [check]
    assert "still failed, for another reason: another module is missing" in diff.render(difference)


def test_other_numbers_and_paths_are_no_turn() -> None:
    """A reason that differs only in what varies from run to run is the same reason."""
    before = _with(specimen.evidence(UPGRADE, Failed(because="took 31 ms in /tmp/one")))
    after = _with(specimen.evidence(UPGRADE, Failed(because="took 48 ms in /tmp/two")))
    assert diff.compare(before, after).empty


def test_a_check_that_is_no_longer_executed_is_a_turn() -> None:
    """Evidence that is missing now is never passed over."""
    seen = tuple(each for each in specimen.EVIDENCE if each.check != UPGRADE)
    difference = diff.compare(specimen.report(), specimen.report(specimen.record(seen=seen)))
    assert [(turn.before, turn.after) for turn in difference.checks] == [("passed", "not-executed")]


def test_a_path_that_is_no_longer_taken_is_shown_as_absent() -> None:
    """Executions are compared with their like, path by path."""
    seen = tuple(each for each in specimen.EVIDENCE if each.path != "service")
    difference = diff.compare(specimen.report(), specimen.report(specimen.record(seen=seen)))
    assert [turn.subject for turn in difference.checks] == ["REQ-BILL-003.1/default by service"]
    assert "passed → absent" in diff.render(difference)


def test_requirements_that_came_and_went_are_named() -> None:
    """The suite itself may have changed between the runs."""
    report = specimen.report()
    before, after = (
        replace(report, requirements=report.requirements[1:]),
        replace(report, requirements=report.requirements[:-1]),
    )
    difference = diff.compare(before, after)
    assert (difference.added, difference.removed) == (("REQ-BILL-001",), ("REQ-BILL-003",))
    assert "+ REQ-BILL-001 is new" in diff.render(difference)
    assert "- REQ-BILL-003 is gone" in diff.render(difference)


def test_what_else_changed_is_noted() -> None:
    """Target, profile, seed and suite may explain a turn."""
    target = replace(specimen.RUN.target, version="0.2.0", digest="1" * 64)
    run = replace(specimen.RUN, target=target, profile="hardened", suite="/srv/other", selection=("REQ-BILL-001",))
    difference = diff.compare(specimen.report(), specimen.report(specimen.record(run=run)))
    text = diff.render(difference)
    assert "target: reference 0.1.0 → reference 0.2.0" in text
    assert "digest: 9f2b61c09f2b → 111111111111" in text
    assert "profile: core → hardened" in text
    assert "suite: /srv/suite → /srv/other" in text
    assert "selection: the whole suite → REQ-BILL-001" in text


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """Control characters of a platform's message are shown, not obeyed."""
    after = _with(Evidence(check=UPGRADE, outcome=Failed(because=specimen.HOSTILE), at=specimen.STARTED))
    assert "\x1b" not in diff.render(diff.compare(specimen.report(), after))
    assert diff.compare(_with(Evidence(check=UPGRADE, outcome=Passed(), at=specimen.STARTED)), specimen.report()).empty
