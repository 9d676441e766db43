"""Which part of the suite was asked for: ids of requirements, criteria or checks, or everything when none is named."""

from collections.abc import Iterable

from harness.errors import Misuse
from harness.model import Check, Criterion, Requirement


def takes_criterion(chosen: Iterable[str], criterion: Criterion) -> bool:
    """Whether the selection reaches a criterion: by its own id, its requirement's, or that of one of its checks."""
    chosen = tuple(chosen)
    own = (criterion.id, criterion.id.rpartition(".")[0])
    return not chosen or any(one in own or one.startswith(f"{criterion.id}/") for one in chosen)


def takes_check(chosen: Iterable[str], criterion: Criterion, check: Check) -> bool:
    """Whether the selection reaches a check: everything, or by its own id, its criterion's or its requirement's."""
    chosen = tuple(chosen)
    return not chosen or any(one in (check.id, criterion.id, criterion.id.rpartition(".")[0]) for one in chosen)


def verify(chosen: Iterable[str], requirements: Iterable[Requirement]) -> None:
    """Refuse a selection that names what the suite does not have, which would otherwise run nothing."""
    known = {name for requirement in requirements for name in _names(requirement)}
    unknown = sorted(set(chosen) - known)
    if unknown:
        raise Misuse(
            f"the suite has no {', '.join(unknown)}",
            hint="`conform trace` lists every requirement and criterion; a check's id stands in the report",
        )


def _names(requirement: Requirement) -> Iterable[str]:
    yield requirement.id
    for criterion in requirement.criteria:
        yield criterion.id
        yield from (check.id for check in criterion.checks)
