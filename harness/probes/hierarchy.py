"""Tells whether the imports of the platform lead down the hierarchy that it documents, and where it documents one.

Imports that run count, also those in functions; imports for the type checker alone are shown apart. Modules that the
hierarchy does not name may be imported from everywhere, but lead nobody around it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.interpreter import closure
from harness.interpreter.closure import Edge
from harness.interpreter.scan import Scan
from harness.journal import Journal
from harness.model import Hierarchy, LayerImport
from harness.observe import contracts, layer_docs, layering
from harness.observe.contracts import Contract, Layer, Layers, Unknown
from harness.observe.layer_docs import NEEDED, Documentation
from harness.observe.layering import Offence, Place, is_excepted

# Section 5.3 of the requirements document.
DEMANDED: Final = Layers(where="section 5.3 of the document", layers=tuple(Layer(modules=(name,)) for name in NEEDED))
_INSTRUMENT: Final = "import graph"
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class HierarchyMeasurement:
    """Where a hierarchy was looked for and found, which one the imports were held against, and what came of it."""

    searched: tuple[str, ...]
    documented: tuple[str, ...]
    layers: Layers
    examined: int
    offences: tuple[Offence, ...]
    shown: Mapping[str, tuple[str, ...]]
    figure: Hierarchy


class ImportHierarchy:
    """The instrument of NFR-MAIN-002: notes hierarchy and imports in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: HierarchyMeasurement) -> None:
        self._journal = journal
        self._measurement = measurement

    def documented(self) -> HierarchyMeasurement:
        """Where models, services and api are put in an order, and which files were searched for that."""
        measured = self._measurement
        files = measured.searched
        self._journal.note(
            "documentation",
            "an order of models, services and api is written down",
            observed=measured.documented,
            examined=len(files),
        )
        listed = files if len(files) <= _SHOWN else (*files[:_SHOWN], f"and {len(files) - _SHOWN} more")
        self._journal.find("documentation", "files searched", observed=listed, examined=len(files))
        return measured

    def offences(self) -> tuple[Offence, ...]:
        """The imports that lead upwards in the hierarchy, or break another contract of the platform about imports."""
        measured = self._measurement
        self._journal.note(
            _INSTRUMENT,
            f"imports follow the hierarchy of {measured.layers.where}",
            expected=(),
            observed=tuple(map(str, measured.offences)),
            examined=measured.examined,
        )
        for claim, observed in measured.shown.items():
            if observed:
                self._journal.find(_INSTRUMENT, claim, observed=observed, examined=measured.examined)
        self._journal.draw(measured.figure)
        return measured.offences


def measure_hierarchy(scan: Scan) -> HierarchyMeasurement:
    """Read what the platform documents and hold its imports against it, or against section 5.3 where it is silent."""
    source = Path(scan.root)
    documents = layer_docs.read(source, closure.known_modules(scan))
    agreed = contracts.read(source)
    orders = [*(one for one in agreed if isinstance(one, Layers) and _names_all(one)), *documents.found]
    chosen = next(iter(orders), DEMANDED)
    held = tuple(dict.fromkeys((chosen, *agreed)))
    return _concluded(scan, documents, chosen, held=held, documented=tuple(one.where for one in orders))


def _concluded(
    scan: Scan, documents: Documentation, chosen: Layers, *, held: tuple[Contract, ...], documented: tuple[str, ...]
) -> HierarchyMeasurement:
    edges = closure.edges(scan)
    executed = tuple(edge for edge in edges if edge.kind != "type-checking")
    idle = tuple(edge for edge in edges if edge.kind == "type-checking")
    offences = _against(executed, held)
    let_through = (edge for edge in executed for one in held if not isinstance(one, Unknown) and is_excepted(edge, one))
    files = (name for name in contracts.FILES if Path(scan.root, name).is_file())
    return HierarchyMeasurement(
        searched=(*files, *documents.searched),
        documented=documented,
        layers=chosen,
        examined=sum(None not in _places(edge, chosen) for edge in executed),
        offences=offences,
        shown={
            "upwards for the type checker alone, which never runs": tuple(map(str, _against(idle, held))),
            "let through by an exception that is written down": tuple(dict.fromkeys(map(_told, let_through))),
            "contract of a kind that is not read here": tuple(one.where for one in held if isinstance(one, Unknown)),
            "file whose syntax is broken": tuple(file.path for file in scan.files if file.error),
        },
        figure=_figure(executed, chosen, offences),
    )


def _names_all(layers: Layers) -> bool:
    """Whether a contract gives models, services and api a height each."""
    places = [layering.place(name, layers) for name in NEEDED]
    return len({one.depth for one in places if one}) == len(NEEDED)


def _against(edges: tuple[Edge, ...], held: tuple[Contract, ...]) -> tuple[Offence, ...]:
    """The imports against any of the contracts, each statement with what it leads to once."""
    found = (one for contract in held for one in layering.offences(edges, contract))
    return tuple({(one.edge, one.reached): one for one in found}.values())


def _figure(edges: tuple[Edge, ...], layers: Layers, offences: tuple[Offence, ...]) -> Hierarchy:
    return Hierarchy(
        title=f"Imports between the layers of {layers.where}",
        layers=tuple(layer.modules for layer in layers.layers),
        imports=(*_downward(edges, layers, offences), *_drawn(offences)),
    )


def _downward(edges: Iterable[Edge], layers: Layers, offences: tuple[Offence, ...]) -> Iterator[LayerImport]:
    """The first import between each two members of different layers, where nothing forbids it."""
    wrong = {one.edge for one in offences}
    first: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        start, end = _places(edge, layers)
        if start and end and start.depth < end.depth and edge not in wrong:
            first.setdefault((start.member, end.member), edge)
    for (importer, imported), edge in first.items():
        yield LayerImport(importer=importer, imported=imported, where=f"{edge.path}:{edge.line}", allowed=True)


def _drawn(offences: tuple[Offence, ...]) -> Iterator[LayerImport]:
    for one in offences:
        where = f"{one.edge.path}:{one.edge.line}"
        yield LayerImport(importer=one.edge.importer, imported=one.reached, where=where, allowed=False)


def _places(edge: Edge, layers: Layers) -> tuple[Place | None, Place | None]:
    return layering.place(edge.importer, layers), layering.place(edge.imported, layers)


def _told(edge: Edge) -> str:
    return f"{edge.path}:{edge.line}: {edge.importer} imports {edge.imported}"
