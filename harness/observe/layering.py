"""Holds imports against a hierarchy or a ban, and finds those that go against it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from harness.interpreter.closure import Edge
from harness.observe import contracts
from harness.observe.contracts import Ban, Contract, Layers, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """An import against a contract: the statement, what it leads to in the end, and what forbids it."""

    edge: Edge
    reached: str
    against: str

    def __str__(self) -> str:
        """The statement with its place, and what is wrong with it."""
        edge = self.edge
        when = " inside a function" if edge.kind == "function" else ""
        by_way = "" if self.reached == edge.imported else f" and so {self.reached}"
        return f"{edge.path}:{edge.line}: {edge.importer} imports {edge.imported}{by_way}{when}, against {self.against}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a module stands in a hierarchy: how far from the top, and as part of which of its members."""

    depth: int
    member: str


def place(module: str, layers: Layers) -> Place | None:
    """Where a module stands, as part of the most particular member that holds it; None when it is in no layer."""
    held = [
        Place(depth=depth, member=member)
        for depth, layer in enumerate(layers.layers)
        for member in layer.modules
        if contracts.matches(member, module)
    ]
    return max(held, key=lambda one: len(one.member), default=None)


def offences(edges: Iterable[Edge], contract: Contract) -> tuple[Offence, ...]:
    """Every statement that goes against a contract, but for those that it makes an exception of."""
    match contract:
        case Layers():
            found = _upward(tuple(edges), contract)
        case Ban():
            found = _banned(edges, contract)
        case Unknown():
            return ()
        case _:
            assert_never(contract)
    told = {(edge, reached): None for edge, reached in found if not is_excepted(edge, contract)}
    return tuple(Offence(edge=edge, reached=reached, against=contract.where) for edge, reached in told)


def is_excepted(edge: Edge, contract: Layers | Ban) -> bool:
    """Whether a contract lets an import through though it goes against it."""
    return any(
        contracts.matches(importer, edge.importer) and contracts.matches(imported, edge.imported)
        for importer, imported in contract.excepted
    )


def _banned(edges: Iterable[Edge], ban: Ban) -> Iterator[tuple[Edge, str]]:
    for edge in edges:
        comes = any(contracts.matches(source, edge.importer) for source in ban.sources)
        if comes and any(contracts.matches(target, edge.imported) for target in ban.targets):
            yield edge, edge.imported


def _upward(edges: tuple[Edge, ...], layers: Layers) -> Iterator[tuple[Edge, str]]:
    """The imports that lead up, also by way of modules that stand in no layer."""
    onward: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if place(edge.importer, layers) is None:
            onward[edge.importer].add(edge.imported)
    for edge in edges:
        start = place(edge.importer, layers)
        for reached in _ends(edge.imported, onward) if start else ():
            end = place(reached, layers)
            if start and end and not _is_allowed(start, end, layers):
                yield edge, reached


def _ends(module: str, onward: defaultdict[str, set[str]]) -> list[str]:
    """What an import of a module leads to: itself, and what is reached through modules that stand in no layer."""
    reached, waiting = {module}, [module]
    while waiting:
        new = onward.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return sorted(reached)


def _is_allowed(start: Place, end: Place, layers: Layers) -> bool:
    if start.depth == end.depth:
        return start.member == end.member or not layers.layers[start.depth].apart
    return start.depth < end.depth
