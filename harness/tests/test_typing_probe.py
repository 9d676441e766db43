"""The typing probe finds type errors in the billing files, whatever the platform's configuration switches off."""

import sys
from pathlib import Path

import pytest

from harness.errors import CannotTell
from harness.interpreter.checker import Reader
from harness.journal import Journal
from harness.probes.typing import Typing, TypingMeasurement, measure_typing
from harness.tests import trees


def measured(defect: str, folder: Path) -> TypingMeasurement:
    """What the probe measures in the tree of this defect."""
    return measure_typing(trees.scanned(trees.lay(defect, folder)), Reader(python=sys.executable))


@pytest.mark.parametrize("tree", ["harmless", "guarded-optional-dependency"])
def test_a_tree_without_a_type_error_is_clean(tree: str, tmp_path: Path) -> None:
    """No error, in five files that were looked at."""
    found = measured(tree, tmp_path)
    assert (found.errors, found.elsewhere, found.not_installed) == ((), (), ())
    assert (len(found.files), found.mode) == (5, "basic")
    assert found.analyzed >= 10


@pytest.mark.parametrize("tree", ["type-error-in-billing", "type-error-switched-off"])
def test_a_type_error_in_a_billing_file_is_found(tree: str, tmp_path: Path) -> None:
    """The error is named with file, line and rule; a weaker configuration does not hide it."""
    (only,) = measured(tree, tmp_path).errors
    assert (only.file, only.line, only.rule) == ("omoi_os/services/event_bus.py", 6, "reportAssignmentType")


def test_a_stricter_platform_is_held_to_its_own_rules(tmp_path: Path) -> None:
    """What basic rules let pass is an error for a platform that asks for strict ones."""
    found = measured("strict-platform", tmp_path)
    assert found.mode == "strict"
    assert {one.rule for one in found.errors} >= {"reportMissingParameterType"}


def test_a_rule_that_is_not_basic_may_be_switched_off(tmp_path: Path) -> None:
    """Whoever asks for strict rules but one is not held to that one, and is to the others."""
    source = trees.lay("strict-platform", tmp_path)
    with (source / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write("reportMissingParameterType = false\n")
    rules = {one.rule for one in measure_typing(trees.scanned(source), Reader(python=sys.executable)).errors}
    assert rules
    assert "reportMissingParameterType" not in rules


def test_a_type_error_elsewhere_is_a_finding(tmp_path: Path) -> None:
    """It is shown and changes no outcome."""
    journal = Journal()
    assert Typing(journal, measured("type-error-elsewhere", tmp_path)).errors() == ()
    (finding,) = journal.findings
    assert finding.claim == "type error outside the billing files: 1"


def test_a_silenced_error_is_shown(tmp_path: Path) -> None:
    """The comment keeps pyright silent and is counted."""
    found = measured("type-error-silenced", tmp_path)
    assert found.errors == ()
    assert len(found.suppressions) == 1


def test_a_declared_dependency_that_is_not_installed_cannot_be_told(tmp_path: Path) -> None:
    """An import that only our environment lacks is neither an error nor a pass."""
    found = measured("declared-dependency-missing", tmp_path)
    assert found.errors == ()
    with pytest.raises(CannotTell, match="nowhere-to-be-found"):
        Typing(Journal(), found).errors()


def test_types_that_an_absent_dependency_leaves_unknown_are_no_errors(tmp_path: Path) -> None:
    """Also where another file than the billing ones imports it, under strict rules."""
    source = trees.lay("strict-platform", tmp_path)
    (source / "requirements.txt").write_text("nowhere-to-be-found\n", encoding="utf-8")
    log = "from nowhere_to_be_found import get as get\n"
    (source / "omoi_os" / "log.py").write_text(log, encoding="utf-8")
    bus = source / "omoi_os" / "services" / "event_bus.py"
    logger = "from omoi_os.log import get\n\nlogger = get('bus')\n"
    bus.write_text(f"{logger}{bus.read_text(encoding='utf-8')}", encoding="utf-8")
    found = measure_typing(trees.scanned(source), Reader(python=sys.executable))
    assert not [one for one in found.errors if one.rule.startswith("reportUnknown")]
    assert found.not_installed == ("nowhere-to-be-found",)


def test_an_undeclared_dependency_is_an_error(tmp_path: Path) -> None:
    """Nobody promised that it would be there."""
    (only,) = measured("undeclared-dependency", tmp_path).errors
    assert only.rule == "reportMissingImports"


def test_a_run_that_takes_too_long_cannot_be_told(tmp_path: Path) -> None:
    """The deadline ends pyright; nothing follows for the platform."""
    found = trees.scanned(trees.lay("harmless", tmp_path))
    with pytest.raises(CannotTell, match="not done within"):
        measure_typing(found, Reader(python=sys.executable), deadline=0.05)
