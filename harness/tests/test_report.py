"""The report joins record, judgement and decision, and adds nothing of its own."""

import shlex
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from harness.errors import EvidenceRefused
from harness.model import Environment, Evidence, Passed
from harness.pipeline import Order
from harness.report import json_format, surroundings
from harness.report.document import CheckEntry, Report
from harness.services.kinds import Choice
from harness.tests import specimen


def _checks(report: Report) -> list[CheckEntry]:
    return [
        check for requirement in report.requirements for criterion in requirement.criteria for check in criterion.checks
    ]


def _check(report: Report, identity: str) -> CheckEntry:
    return next(check for check in _checks(report) if check.id == identity)


def test_every_requirement_and_criterion_appears_with_its_verdict() -> None:
    """The report shows each subject that was judged, with the status and reasons it was given."""
    report = specimen.report()
    statuses = {criterion.id: criterion.status for each in report.requirements for criterion in each.criteria}
    assert [each.status for each in report.requirements] == ["nonconformant", "undetermined", "conformant"]
    assert statuses["REQ-BILL-002.2"] == "conformant"
    assert set(statuses.values()) == {
        "conformant",
        "nonconformant",
        "undetermined",
        "not-applicable",
        "out-of-profile",
    }
    assert specimen.FAILURE in report.requirements[0].criteria[0].because[0]


def test_a_required_check_without_evidence_is_not_executed() -> None:
    """A check that nothing was recorded for is shown as such, with a reason."""
    entry = _check(specimen.report(), "REQ-BILL-001.1/later")
    assert (entry.outcome, entry.examined, entry.readings) == ("not-executed", 0, ())
    assert "no evidence" in entry.because


def test_a_hardened_check_of_a_core_run_is_shown_out_of_profile() -> None:
    """What the profile leaves out is shown, and its command asks for the profile that has it."""
    entry = _check(specimen.report(), "REQ-BILL-003.2/malformed")
    assert entry.outcome == "out-of-profile"
    assert "--profile hardened" in entry.reproduce


def test_several_executions_of_a_check_are_several_entries() -> None:
    """A check tried by two paths is shown once for each."""
    entries = [check for check in _checks(specimen.report()) if check.id == "REQ-BILL-003.1/default"]
    assert [entry.path for entry in entries] == ["rest", "service"]


def test_a_selection_leaves_out_what_was_not_asked_for() -> None:
    """Checks beyond the selection are neither shown nor counted, and the run says that it is partial."""
    chosen = "REQ-BILL-001.1/later"
    run = replace(specimen.RUN, selection=(chosen,))
    seen = (Evidence(check=chosen, outcome=Passed(), at=specimen.STARTED),)
    report = specimen.report(specimen.record(run=run, required=(chosen,), seen=seen))
    assert [check.id for check in _checks(report)] == [chosen]
    assert (report.census.checks, report.census.executed, report.run.complete) == (1, 1, False)


def test_the_census_counts_required_and_executed_checks() -> None:
    """Nobody can mistake little for much: what was required and what was seen are counted apart."""
    census = specimen.report().census
    assert (census.requirements, census.criteria, census.checks, census.executed) == (3, 7, 7, 6)
    assert census.out_of_profile == 1


def test_the_command_repeats_one_check_with_the_same_inputs() -> None:
    """Pasted into a shell, it names target, profile, seed and the check, brackets kept from the shell."""
    command = _check(specimen.report(), "REQ-BILL-001.1/each-module[1]").reproduce
    only = "REQ-BILL-001.1/each-module[1]"
    assert shlex.split(command) == [
        *("conform", "run", "--target", "reference", "--profile", "core", "--seed", "4711", "--only", only)
    ]
    assert f"'{only}'" in command


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/srv/suite/fixtures/a tree", "--source 'fixtures/a tree'"),
        ("/home/me/$(rm x)", "--source '/home/me/$(rm x)'"),
    ],
)
def test_the_command_names_a_source_of_its_own(source: str, shown: str) -> None:
    """A source that was named is named again, relative to the suite where it lies below it."""
    run = replace(specimen.RUN, options=_order(source=Path(source)).options)
    assert shown in specimen.report(specimen.record(run=run)).requirements[0].criteria[0].checks[0].reproduce


def test_the_command_names_only_what_was_named() -> None:
    """Defaults are left out, except the target; a target file is named from the suite."""
    assert _order().options == ("--target", "reference")
    assert _order(target="/srv/suite/fixtures/own.py").options == ("--target", "fixtures/own.py")
    assert _order(python="/opt/python").options == ("--target", "reference", "--python", "/opt/python")
    assert _order(baseline=Path("/srv/suite/old")).options == ("--target", "reference", "--baseline", "old")


def _order(
    *,
    target: str = "reference",
    source: Path | None = None,
    python: str = sys.executable,
    baseline: Path | None = None,
) -> Order:
    return Order(
        suite=Path("/srv/suite"),
        target=target,
        source=source,
        python=python,
        services=Choice(words="embedded", because="it was asked for"),
        profile="core",
        only=(),
        seed=1,
        out=Path("/srv/out"),
        baseline=baseline,
    )


def test_no_password_reaches_the_report() -> None:
    """Addresses are shown without the secret in them, however it was written."""
    text = json_format.render(specimen.report())
    assert "127.0.0.1:5433" in text
    assert "secret" not in text
    assert "p/w@1" not in text


@pytest.mark.parametrize(
    "address", ["host=db password=hidden user=me", "http://h/?password=hidden&a=1", "password = 'a hidden'"]
)
def test_a_named_password_is_taken_out(address: str) -> None:
    """Connection strings with words are cleared too."""
    bare = Environment(services="given", addresses={"sql": address}, versions={}, seed=1, machine="")
    assert "hidden" not in surroundings.completed(bare, ()).addresses["sql"]


def test_a_run_cut_short_lasts_until_its_last_check() -> None:
    """Without a footer the length is that of what was seen."""
    last = replace(specimen.EVIDENCE[0], at=specimen.STARTED + timedelta(seconds=1.5))
    report = specimen.report(specimen.record(seen=(last, *specimen.EVIDENCE[1:]), footer=None))
    assert report.run.seconds == pytest.approx(1.5)
    assert any("cut short" in reason for reason in report.run.void)


def test_a_gap_declared_beside_the_target_is_shown_with_its_criterion() -> None:
    """A known gap carries its reason and excuses nothing."""
    criterion = specimen.report().requirements[0].criteria[0]
    assert (criterion.gap, criterion.status) == ("the cost module is being split", "nonconformant")


def test_the_json_report_is_read_back_without_loss() -> None:
    """Parsing what was rendered gives the same report, which renders to the same text."""
    report = specimen.report()
    text = json_format.render(report)
    assert json_format.parse(text) == report
    assert json_format.render(json_format.parse(text)) == text
    assert text.endswith("}\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "conformance-report/1"}', "null"])
def test_a_malformed_report_is_refused_with_a_hint(text: str) -> None:
    """What is no report is refused, with the place where it departs and what to name instead."""
    with pytest.raises(EvidenceRefused) as refused:
        json_format.parse(text)
    assert refused.value.causes
    assert "report.json" in refused.value.hint


def test_a_report_of_another_schema_is_refused() -> None:
    """A report of a later version is not read as one of this."""
    text = json_format.render(specimen.report()).replace("conformance-report/1", "conformance-report/2")
    with pytest.raises(EvidenceRefused, match="schema"):
        json_format.parse(text)
