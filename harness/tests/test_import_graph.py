"""The import-graph probe finds the cycles that Python meets, and keeps the harmless ones apart."""

from pathlib import Path

import pytest

from harness.journal import Journal
from harness.probes.import_graph import GraphMeasurement, ImportGraph, measure_import_graph
from harness.tests import trees


def measured(defect: str, folder: Path) -> GraphMeasurement:
    """What the probe measures in the tree of this defect."""
    return measure_import_graph(trees.scanned(trees.lay(defect, folder)))


@pytest.mark.parametrize("tree", ["harmless", "type-checking-cycle-only", "lazy-name-missing"])
def test_a_tree_without_a_cycle_is_clean(tree: str, tmp_path: Path) -> None:
    """No cycle of any kind, among modules that were looked at."""
    found = measured(tree, tmp_path)
    assert (found.cycles, found.elsewhere, found.deferred) == ((), (), ())
    assert found.modules >= 10


def test_a_cycle_of_three_is_found_with_every_line(tmp_path: Path) -> None:
    """One chain comes back to its beginning, and each link has its file and line."""
    (cycle,) = measured("cycle-of-three", tmp_path).cycles
    models = "omoi_os/models"
    assert str(cycle) == (
        f"omoi_os.models.agent ({models}/agent.py:2) → omoi_os.models.cost_record ({models}/cost_record.py:1)"
        f" → omoi_os.models.task ({models}/task.py:1) → omoi_os.models.agent"
    )


@pytest.mark.parametrize("tree", ["cycle-that-stops-an-import", "namespace-folder-with-cycle"])
def test_a_cycle_of_two_is_found(tree: str, tmp_path: Path) -> None:
    """A folder without __init__.py hides nothing, and a cycle counts whether or not Python survives it."""
    (cycle,) = measured(tree, tmp_path).cycles
    assert len(cycle.chain) == 2


def test_a_cycle_through_a_function_is_a_finding(tmp_path: Path) -> None:
    """The chain that an import in a function closes is shown and is no violation."""
    found = measured("function-cycle-only", tmp_path)
    assert found.cycles == ()
    (cycle,) = found.deferred
    assert {edge.kind for edge in cycle.chain} == {"runtime", "function"}


def test_a_cycle_outside_billing_is_a_finding(tmp_path: Path) -> None:
    """Modules that have nothing to do with billing change no outcome."""
    found = measured("cycle-outside-billing", tmp_path)
    assert (found.cycles, len(found.elsewhere)) == ((), 1)


def test_the_instrument_notes_what_it_saw(tmp_path: Path) -> None:
    """The reading holds the chain and the number of modules."""
    journal = Journal()
    ImportGraph(journal, measured("cycle-of-three", tmp_path)).cycles()
    (reading,) = journal.readings
    assert reading.examined == 12
    assert isinstance(reading.observed, tuple)
    assert len(reading.observed) == 1
