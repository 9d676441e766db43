"""Which modules import which, and which of them have to do with billing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from harness.interpreter.scan import Import, Kind, Scan

SERVICE_MODULE: Final = "omoi_os.services.cost_tracking"
RECORD_MODULE: Final = "omoi_os.models.cost_record"
# Section 5.1 of the requirements document.
BILLING_MODULES: Final = (
    SERVICE_MODULE,
    RECORD_MODULE,
    "omoi_os.api.routes.costs",
    "omoi_os.services.spec_service",
    "omoi_os.services.event_bus",
)
_RUN: Final[tuple[Kind, ...]] = ("runtime", "function")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One module imports another, at this line of the file at `path`."""

    importer: str
    imported: str
    path: str
    line: int
    kind: Kind


def edges(scan: Scan) -> tuple[Edge, ...]:
    """Every import inside the package; `from package import name` leads to the submodule when there is one."""
    known = known_modules(scan)
    return tuple(
        Edge(importer=file.module, imported=imported, path=file.path, line=statement.line, kind=statement.kind)
        for file in scan.modules().values()
        for statement in file.imports
        if statement.target.partition(".")[0] == scan.package
        for imported in _targets(statement, known)
        if imported != file.module
    )


def known_modules(scan: Scan) -> frozenset[str]:
    """Every module and package, folders without __init__.py included."""
    return frozenset(name for module in scan.modules() for name in (module, *parents(module)))


def parents(module: str) -> tuple[str, ...]:
    """The packages that are imported before a module, outermost first."""
    parts = module.split(".")
    return tuple(".".join(parts[:depth]) for depth in range(1, len(parts)))


def billing(scan: Scan) -> frozenset[str]:
    """The billing closure: every module that reaches a billing module or is reached from one.

    Imports in functions count, and so do the packages that Python imports before a module; imports for the type
    checker do not. A billing module that does not exist still counts those who import it.
    """
    backward: defaultdict[str, set[str]] = defaultdict(set)
    for importer, imported in _executed(scan):
        backward[imported].add(importer)
    return reached(scan, BILLING_MODULES) | (_reach(BILLING_MODULES, backward) & set(scan.modules()))


def reached(scan: Scan, starts: Iterable[str], *, kinds: Collection[Kind] = _RUN) -> frozenset[str]:
    """Every module that Python runs, sooner or later, once it runs these; they themselves included.

    With `kinds` of "runtime" alone, those that it runs at once.
    """
    forward: defaultdict[str, set[str]] = defaultdict(set)
    for importer, imported in _executed(scan, kinds):
        forward[importer].add(imported)
    return frozenset(_reach(starts, forward) & set(scan.modules()))


def _executed(scan: Scan, kinds: Collection[Kind] = _RUN) -> Iterable[tuple[str, str]]:
    """Pairs of modules where the first makes Python run the second by imports of these kinds."""
    for module in scan.modules():
        yield from ((module, parent) for parent in parents(module))
    for edge in edges(scan):
        if edge.kind in kinds:
            yield from ((edge.importer, name) for name in (edge.imported, *parents(edge.imported)))


def _targets(statement: Import, known: frozenset[str]) -> tuple[str, ...]:
    """The modules that one statement leads to."""
    if not statement.names:
        return (statement.target,)
    submodules = {name: f"{statement.target}.{name}" for name in statement.names}
    return tuple(
        dict.fromkeys(
            full if full in known or full in BILLING_MODULES else statement.target for full in submodules.values()
        )
    )


def _reach(starts: Iterable[str], following: Mapping[str, set[str]]) -> set[str]:
    """Everything that can be reached from the starts, themselves included."""
    reached, waiting = set(starts), list(starts)
    while waiting:
        for name in following.get(waiting.pop(), set()) - reached:
            reached.add(name)
            waiting.append(name)
    return reached
