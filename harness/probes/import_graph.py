"""Finds circular imports: those that Python meets while importing, and those that wait inside functions.

Only imports that run when a module is imported make a cycle; imports for the type checker and imports in functions
are apart. A cycle that an import in a function closes is a finding, since it breaks when that import moves up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import grimp

from harness.interpreter import closure
from harness.interpreter.closure import Edge
from harness.interpreter.scan import Scan
from harness.journal import Journal

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One shortest chain of imports that comes back to where it began; the last edge closes it."""

    chain: tuple[Edge, ...]

    def __str__(self) -> str:
        """The chain on one line, each link with its file and line."""
        links = [f"{edge.importer} ({edge.path}:{edge.line})" for edge in self.chain]
        return " → ".join([*links, self.chain[0].importer])


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphMeasurement:
    """Cycles in the billing closure, those elsewhere, and those that need an import in a function."""

    modules: int
    imports: int
    cycles: tuple[Cycle, ...]
    elsewhere: tuple[Cycle, ...]
    deferred: tuple[Cycle, ...]


class ImportGraph:
    """The instrument of REQ-BILL-001.2: notes the measured graph in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: GraphMeasurement) -> None:
        self._journal = journal
        self._measurement = measurement

    def cycles(self) -> tuple[Cycle, ...]:
        """The circular imports in the billing closure, one shortest chain for each knot of modules."""
        measured = self._measurement
        self._journal.note(
            "import graph",
            "no circular import among the imports that run at import",
            expected=(),
            observed=tuple(map(str, measured.cycles)),
            examined=measured.modules,
        )
        self._find("circular imports outside the billing closure", measured.elsewhere)
        self._find("cycles that an import in a function closes", measured.deferred)
        return measured.cycles

    def _find(self, claim: str, cycles: tuple[Cycle, ...]) -> None:
        """Show cycles that change no outcome."""
        if cycles:
            seen = tuple(map(str, cycles))
            self._journal.find("import graph", claim, observed=seen, examined=self._measurement.modules)


def measure_import_graph(scan: Scan) -> GraphMeasurement:
    """Every knot of the package's import graph, by one shortest chain each."""
    found = closure.edges(scan)
    runtime = _first_by_pair(edge for edge in found if edge.kind == "runtime")
    executed = runtime | _first_by_pair(
        edge for edge in found if edge.kind == "function" and (edge.importer, edge.imported) not in runtime
    )
    knots = tuple(_cycles(runtime, closing=runtime))
    billing = closure.billing(scan)
    return GraphMeasurement(
        modules=len(scan.modules()),
        imports=len(found),
        cycles=tuple(cycle for cycle in knots if _touches(cycle, billing)),
        elsewhere=tuple(cycle for cycle in knots if not _touches(cycle, billing)),
        deferred=tuple(_cycles(executed, closing=executed.keys() - runtime.keys())),
    )


def _first_by_pair(edges: Iterable[Edge]) -> dict[Pair, Edge]:
    """The first import of each module by each other, in an order that is always the same."""
    ordered = sorted(edges, key=lambda edge: (edge.importer, edge.imported, edge.line))
    return {(edge.importer, edge.imported): edge for edge in reversed(ordered)}


def _touches(cycle: Cycle, modules: frozenset[str]) -> bool:
    """Whether a cycle runs through one of these modules."""
    return any(edge.importer in modules for edge in cycle.chain)


def _cycles(edges: Mapping[Pair, Edge], *, closing: Iterable[Pair]) -> Iterator[Cycle]:
    """For each knot, the shortest cycle that contains one of the closing imports, if any does."""
    graph = _build(edges)
    wanted = sorted(closing)
    for knot in _knots(graph):
        inside = [pair for pair in wanted if pair[0] in knot and pair[1] in knot]
        chains = (graph.find_shortest_chain(importer=imported, imported=importer) for importer, imported in inside)
        shortest = min(filter(None, chains), key=len, default=None)
        if shortest:
            # The same cycle always reads the same: it begins at its first module by name.
            first = shortest.index(min(shortest))
            ring = (*shortest[first:], *shortest[:first])
            steps = zip(ring, (*ring[1:], ring[0]), strict=True)
            yield Cycle(chain=tuple(edges[step] for step in steps))


def _build(edges: Mapping[Pair, Edge]) -> grimp.ImportGraph:
    """The graph by hand: grimp's own parser stops at newer syntax and does not see folders without __init__.py."""
    graph = grimp.ImportGraph()
    for importer, imported in sorted(edges):
        graph.add_import(importer=importer, imported=imported)
    return graph


def _knots(graph: grimp.ImportGraph) -> Iterator[frozenset[str]]:
    """The groups of modules that all reach one another, which is where cycles are."""
    seen: set[str] = set()
    for module in sorted(graph.modules):
        if module in seen:
            continue
        knot = graph.find_upstream_modules(module) & graph.find_downstream_modules(module)
        seen |= knot
        if knot:
            yield frozenset(knot | {module})
