"""Steps about the platform's code: imports, their graph, types."""

from collections.abc import Sequence
from typing import Final

from pytest_bdd import then, when

from harness.interpreter.troubles import Violation
from harness.observe.layering import Offence
from harness.probes.hierarchy import HierarchyMeasurement, ImportHierarchy
from harness.probes.import_graph import Cycle, ImportGraph
from harness.probes.imports import Imports
from harness.probes.typing import Complaint, Typing

SHOWN: Final = 6


@when("every module around billing is imported first in a process of its own", target_fixture="failing")
def _(imports: Imports) -> tuple[Violation, ...]:
    return imports.failing()


@then("none of these imports fails")
def _(failing: tuple[Violation, ...]) -> None:
    assert not failing, f"modules around billing do not import: {_listed(failing)}"


@when("the names that modules around billing import inside functions are looked up", target_fixture="unresolved")
def _(imports: Imports) -> tuple[Violation, ...]:
    return imports.unresolved()


@then("every one of these names exists")
def _(unresolved: tuple[Violation, ...]) -> None:
    assert not unresolved, f"imports that fail once their function is called: {_listed(unresolved)}"


@when("every use of CostTrackingService is followed to its definition", target_fixture="strangers")
def _(imports: Imports) -> tuple[Violation, ...]:
    return imports.strangers()


@then("all of them are the class in omoi_os.services.cost_tracking")
def _(strangers: tuple[Violation, ...]) -> None:
    assert not strangers, f"CostTrackingService does not come from its module: {_listed(strangers)}"


@when("the import graph of the package is drawn", target_fixture="cycles")
def _(import_graph: ImportGraph) -> tuple[Cycle, ...]:
    return import_graph.cycles()


@then("no cycle runs through the modules around billing")
def _(cycles: tuple[Cycle, ...]) -> None:
    assert not cycles, f"circular imports, which break as soon as another module comes first: {_listed(cycles)}"


@when("a hierarchy of imports is looked for in contracts and documents of the platform", target_fixture="looked_for")
def _(import_hierarchy: ImportHierarchy) -> HierarchyMeasurement:
    return import_hierarchy.documented()


@then("one of them puts models, services and api in an order")
def _(looked_for: HierarchyMeasurement) -> None:
    searched = _listed(looked_for.searched) or "none, for there are none"
    assert looked_for.documented, f"no hierarchy of models, services and api is documented; searched were: {searched}"


@when("the imports are held against the hierarchy", target_fixture="offences")
def _(import_hierarchy: ImportHierarchy) -> tuple[Offence, ...]:
    return import_hierarchy.offences()


@then("none of them goes against it")
def _(offences: tuple[Offence, ...]) -> None:
    assert not offences, f"imports against the hierarchy, by which circles come about: {_listed(offences)}"


@when("pyright checks the files of section 5.1 with at least its basic rules", target_fixture="complaints")
def _(types: Typing) -> tuple[Complaint, ...]:
    return types.errors()


@then("it reports no error in them")
def _(complaints: tuple[Complaint, ...]) -> None:
    assert not complaints, f"type errors in the billing files: {_listed(complaints)}"


def _listed(things: Sequence[object]) -> str:
    shown = "; ".join(map(str, things[:SHOWN]))
    return shown if len(things) <= SHOWN else f"{shown}; and {len(things) - SHOWN} more, listed in the reading"
