"""The imports probe catches every defect that its trees have, and nothing in those that have none."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import CannotTell
from harness.interpreter import scan
from harness.interpreter.troubles import Violation
from harness.journal import Journal
from harness.probes.imports import ImportMeasurement, Imports, measure_imports
from harness.tests import trees

HANGS_AFTER = 2.0


def measured(defect: str, folder: Path) -> ImportMeasurement:
    """What the probe measures in the tree of this defect."""
    return measured_in(trees.lay(defect, folder))


def measured_in(source: Path) -> ImportMeasurement:
    """What the probe measures in a source root."""
    with trees.worker(source) as worker:
        return measure_imports(worker, scan.read(worker), deadline=HANGS_AFTER)


def violations(found: ImportMeasurement) -> tuple[Violation, ...]:
    """Everything that is wrong in the billing closure."""
    return (*found.failing, *found.unresolved, *found.strangers)


@pytest.mark.parametrize(
    "tree",
    [
        "harmless",
        "type-checking-cycle-only",
        "function-cycle-only",
        "cycle-of-three",
        "prints-a-flood",
        "guarded-optional-dependency",
        "file-that-no-import-reaches",
        "program-that-runs-when-started",
        "platform-branches",
        "failure-outside-billing",
    ],
)
def test_a_tree_without_an_import_defect_is_clean(tree: str, tmp_path: Path) -> None:
    """Nothing is wrong, nothing is missing, and things were looked at."""
    found = measured(tree, tmp_path)
    assert violations(found) == ()
    assert found.not_installed == ()
    assert found.modules >= 10
    assert found.uses == 3
    assert (found.imported.right, found.imported.of) == (found.modules, found.modules)
    assert (found.resolved.right, found.resolved.of) == (found.names, found.names)


@pytest.mark.parametrize(
    ("tree", "line", "words"),
    [
        ("cycle-that-stops-an-import", "omoi_os/models/task.py:1", "partially initialized module"),
        ("module-hangs-at-import", "omoi_os/services/event_bus.py:4", "Hung: still running after 2 s"),
        ("ends-the-interpreter", "omoi_os/services/event_bus.py:0", "Exited"),
        ("asks-to-exit", "omoi_os/services/event_bus.py:1", "SystemExit: no settings"),
        ("crashes-at-import", "omoi_os/services/event_bus.py:0", "Crashed: killed by SIGSEGV"),
        ("broken-syntax", "omoi_os/services/event_bus.py:1", "SyntaxError"),
        ("undeclared-dependency", "omoi_os/services/event_bus.py:1", "neither installed nor declared"),
    ],
)
def test_a_module_that_does_not_import_is_found(tree: str, line: str, words: str, tmp_path: Path) -> None:
    """The violation names file, line and what happened."""
    measurement = measured(tree, tmp_path)
    found = [str(violation) for violation in measurement.failing]
    assert any(line in one and words in one for one in found), found
    assert measurement.imported.right < measurement.imported.of == measurement.modules


@pytest.mark.parametrize(
    ("tree", "line", "words"),
    [
        ("lazy-name-missing", "omoi_os/services/spec_service.py:3", "cannot import name 'CostLedger'"),
        ("literal-import-missing", "omoi_os/services/spec_service.py:6", "omoi_os.services.ledger"),
        ("guarded-own-name-missing", "omoi_os/services/spec_service.py:2", "omoi_os.services.ledger"),
    ],
)
def test_a_name_that_is_imported_later_and_missing_is_found(tree: str, line: str, words: str, tmp_path: Path) -> None:
    """The module imports, and the violation is at the line that would fail one day."""
    found = measured(tree, tmp_path)
    assert found.failing == ()
    (only,) = map(str, found.unresolved)
    assert line in only
    assert words in only


def test_a_second_service_is_found_where_it_is_defined_and_where_it_is_used(tmp_path: Path) -> None:
    """Both the class statement and the module that imports the wrong class are named."""
    found = measured("second-cost-tracking-service", tmp_path).strangers
    assert [(one.file, one.line) for one in found] == [
        ("omoi_os/services/costs_v2.py", 1),
        ("omoi_os/api/routes/costs.py", 1),
    ]


def test_a_service_module_without_its_class_is_found(tmp_path: Path) -> None:
    """The cost-tracking module must offer the service even if nobody asks for it."""
    (only,) = measured("service-without-its-class", tmp_path).strangers
    assert only.what == "offers no CostTrackingService"


@pytest.mark.parametrize("module", ["services/cost_tracking", "models/cost_record"])
def test_a_removed_module_is_found_by_itself_and_at_its_importers(module: str, tmp_path: Path) -> None:
    """The module is listed as missing, and every file that imports it is a violation."""
    source = trees.lay("harmless", tmp_path)
    (source / "omoi_os" / f"{module}.py").unlink()
    found = measured_in(source)
    assert found.missing_billing_modules == (f"omoi_os.{module.replace('/', '.')}",)
    assert found.failing[0].what == "does not exist"
    assert any("No module named" in one.what for one in found.failing[1:])


def test_a_removed_spec_service_is_a_violation_only_where_it_is_imported(tmp_path: Path) -> None:
    """A platform without that file is listed; one that imports it nevertheless violates."""
    source = trees.lay("harmless", tmp_path)
    (source / "omoi_os/services/spec_service.py").unlink()
    assert violations(measured_in(source)) == ()
    (source / "omoi_os/weather.py").write_text("import omoi_os.services.spec_service\n")
    (only,) = measured_in(source).failing
    assert (only.module, only.line) == ("omoi_os.weather", 1)


@pytest.mark.parametrize("tree", ["declared-dependency-missing", "name-behind-a-missing-dependency"])
def test_a_declared_dependency_that_is_not_installed_cannot_be_told(tree: str, tmp_path: Path) -> None:
    """No violation follows from our own environment's lack, and no pass either."""
    found = measured(tree, tmp_path)
    assert violations(found) == ()
    assert found.not_installed == ("nowhere-to-be-found",)
    with pytest.raises(CannotTell, match="nowhere-to-be-found"):
        Imports(Journal(), found).failing()


def test_an_absent_optional_dependency_is_a_finding(tmp_path: Path) -> None:
    """An import under `except ImportError` may fail; the report shows that it did."""
    journal = Journal()
    assert Imports(journal, measured("guarded-optional-dependency", tmp_path)).failing() == ()
    (finding,) = journal.findings
    assert finding.observed == ("nowhere_to_be_found",)


def test_what_fails_outside_the_closure_is_a_finding(tmp_path: Path) -> None:
    """A module that has nothing to do with billing changes no outcome, and is shown."""
    (only,) = measured("failure-outside-billing", tmp_path).elsewhere
    assert only.module == "omoi_os.weather.sun"


def test_a_file_that_no_import_reaches_is_listed(tmp_path: Path) -> None:
    """The file is never imported, and the report says so."""
    (only,) = measured("file-that-no-import-reaches", tmp_path).unreachable
    assert only.startswith("omoi_os/services/cost-report.py")


def test_every_clause_is_noted_with_what_was_examined(tmp_path: Path) -> None:
    """Each reading carries the count of things looked at."""
    journal = Journal()
    instrument = Imports(journal, measured("harmless", tmp_path))
    assert (instrument.failing(), instrument.unresolved(), instrument.strangers()) == ((), (), ())
    assert [reading.examined for reading in journal.readings] == [10, 6, 3]


def test_nothing_is_written_into_the_checkout(tmp_path: Path) -> None:
    """The platform's folder holds the same files before and after."""
    source = trees.lay("harmless", tmp_path)
    before = sorted(source.rglob("*"))
    measured_in(source)
    assert sorted(source.rglob("*")) == before


def test_what_was_not_examined_is_not_green(tmp_path: Path) -> None:
    """Where hung modules kept the rest from being looked at, nothing follows from the others."""
    found = replace(measured("harmless", tmp_path), unexamined=("omoi_os.models.task",))
    with pytest.raises(CannotTell, match=r"omoi_os\.models\.task and others were not examined"):
        Imports(Journal(), found).failing()
