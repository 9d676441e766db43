"""Features against the document, both ways: what no feature covers, and what no statement asks for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness import catalogue, outline
from harness.errors import EXIT_CONFORMANT, EXIT_UNDETERMINED, Misuse
from harness.model import Criterion, Requirement
from harness.outline import Statement

OUTLINE: Final = Path("fixtures/baselines/outline.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One statement with what the suite does about each of its criteria, by criterion id."""

    statement: Statement
    criteria: tuple[tuple[str, str], ...]

    @property
    def covered(self) -> bool:
        """Whether every criterion has a core check or is put off to the hardened profile on purpose."""
        return all(state in ("covered", "deferred") for _, state in self.criteria)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The whole comparison: statements with their coverage, strangers among the features, edits of the text."""

    coverage: tuple[Coverage, ...]
    strangers: tuple[str, ...]
    edits: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing is left over either way, 2 otherwise."""
        whole = all(one.covered for one in self.coverage) and not self.strangers and not self.edits
        return EXIT_CONFORMANT if whole else EXIT_UNDETERMINED


def compare(suite: Path, document: Path | None) -> Trace:
    """Trace a suite against the document, or against the committed outline of it when none is named."""
    statements = outline.load(suite / OUTLINE)
    requirements = {one.id: one for one in catalogue.read(suite / "features")}
    edits: tuple[str, ...] = ()
    if document is not None:
        now = outline.renewed(statements, outline.parse(_text(document)))
        edits, statements = tuple(_edits(statements, now)), now
    return Trace(
        coverage=tuple(_coverage(one, requirements.get(one.id)) for one in statements),
        strangers=tuple(_strangers({one.id: one for one in statements}, requirements.values())),
        edits=edits,
    )


def accept(suite: Path, document: Path) -> None:
    """Take the document as it is now for the committed outline."""
    statements = outline.load(suite / OUTLINE)
    (suite / OUTLINE).write_text(outline.dump(outline.renewed(statements, outline.parse(_text(document)))))


def render(found: Trace) -> str:
    """The comparison as text: a line for each statement, then what is left over."""
    lines = [_line(one) for one in found.coverage]
    states = [state for one in found.coverage for _, state in one.criteria]
    counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return "\n".join(
        (
            *lines,
            "",
            f"{len(found.coverage)} statements, {len(states)} criteria: {counted}",
            *(f"no statement asks for this: {stranger}" for stranger in found.strangers),
            *(f"edited since the outline was taken: {edit}" for edit in found.edits),
        )
    )


def _coverage(statement: Statement, requirement: Requirement | None) -> Coverage:
    criteria = {one.id: one for one in requirement.criteria} if requirement else {}
    names = [f"{statement.id}.{number}" for number in range(1, statement.criteria + 1)]
    return Coverage(statement=statement, criteria=tuple((name, _state(criteria.get(name))) for name in names))


def _state(criterion: Criterion | None) -> str:
    if criterion is None:
        return "not yet covered"
    if criterion.untested:
        return "untestable"
    if criterion.hardened:
        return "deferred"
    return "covered" if any(check.profile == "core" for check in criterion.checks) else "without a check"


def _strangers(statements: Mapping[str, Statement], requirements: Iterable[Requirement]) -> Iterator[str]:
    for requirement in requirements:
        statement = statements.get(requirement.id)
        if statement is None:
            yield requirement.id
            continue
        if statement.section != requirement.source.section:
            yield f"{requirement.id} in section {requirement.source.section}: it stands in {statement.section}"
        known = {f"{statement.id}.{number}" for number in range(1, statement.criteria + 1)}
        yield from (one.id for one in requirement.criteria if one.id not in known)


def _edits(before: Iterable[Statement], now: Iterable[Statement]) -> Iterator[str]:
    earlier = {one.id: one for one in before}
    for statement in now:
        known = earlier.get(statement.id)
        if known is None:
            yield f"{statement.id} is new"
        elif not statement.sentences:
            yield f"{statement.id} is gone from section {known.section}"
        elif known.criteria != statement.criteria:
            yield f"{statement.id} has {statement.criteria} criteria, it had {known.criteria}"
        elif known.sentences != statement.sentences:
            changed = len(set(known.sentences) ^ set(statement.sentences))
            yield f"{statement.id}: the text in section {statement.section} differs ({changed} sentences)"


def _line(one: Coverage) -> str:
    states = [state for _, state in one.criteria]
    shown = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return f"{one.statement.id:<20} §{one.statement.section:<5} {shown}"


def _text(document: Path) -> str:
    try:
        return document.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"cannot read the document {document.name}", causes=(str(error),)) from error
