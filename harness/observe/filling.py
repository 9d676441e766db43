"""Fills operations in with the ids of a scene, so that each of them can be asked about that scene.

An id goes where a parameter or field is named for its kind, or follows that kind's name in the path. A scope is filled
in with each kind of scope that there is. What must be given and what nobody knows is told, not left out in silence.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.observe import guesses
from harness.observe.operations import BUDGETS, Operation, Slot

SCOPES: Final = ("global", "project", "ticket", "spec", "task", "agent", "phase")
# Scopes that reach beyond one project, and those that may reach beyond one organisation.
WIDE: Final = frozenset({"global", "agent", "phase"})
SPANNING: Final = frozenset({"global", "phase"})
# Kinds of what lies in a project and nowhere else.
_INSIDE: Final = frozenset({"spec", "ticket", "task", "budget", "cost"})
_SCOPE_TYPES: Final = frozenset({"scope_type", "scope", "scope_kind"})
_SCOPE_IDS: Final = frozenset({"scope_id", "scope_key"})
_PAGE: Final = frozenset({"limit", "page_size", "per_page"})
_MOST_QUESTIONS: Final = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who and what plays in a scene: ids by their kind, and the values of fields that have a name of their own."""

    ids: Mapping[str, Sequence[str]]
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Question:
    """One operation filled in; the label is the same for every scene, `given` are the ids that the asker names."""

    operation: Operation
    label: str
    path: str
    query: Mapping[str, object]
    headers: Mapping[str, str]
    body: Mapping[str, object] | None
    scope: str | None
    kinds: frozenset[str]
    given: tuple[str, ...]

    @property
    def spans_limits(self) -> bool:
        """Whether it is about limits that may be those of the whole installation."""
        return self.scope in SPANNING and bool(self.operation.words & BUDGETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The questions, and the operations that nobody could fill in, with what was missing."""

    questions: tuple[Question, ...]
    unfilled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Values for one or two slots, in the words of a label."""

    values: tuple[tuple[Slot, object], ...] = ()
    words: str = ""
    kind: str | None = None
    scope: str | None = None
    ids: tuple[str, ...] = ()


_NONE: Final = _Choice()


def fill(operations: Sequence[Operation], cast: Cast) -> Filled:
    """Every way to ask each operation about a scene."""
    questions: list[Question] = []
    unfilled: list[str] = []
    for operation in operations:
        axes = {slot.name: _choices(slot, operation, cast) for slot in operation.slots if not _is_scope(slot)}
        axes |= _scopes(operation, cast)
        undeclared = [name for name in re.findall(r"\{([^}]*)\}", operation.path) if name not in axes]
        missing = [*undeclared, *(name for name, choices in axes.items() if not choices)]
        if missing:
            unfilled.append(f"{operation.name}: {', '.join(missing)}")
            continue
        every = itertools.islice(itertools.product(*axes.values()), _MOST_QUESTIONS)
        questions.extend(_question(operation, chosen) for chosen in every)
    return Filled(questions=tuple(questions), unfilled=tuple(unfilled))


def by_way_of(project: str, operations: Sequence[Operation], cast: Cast) -> tuple[Question, ...]:
    """Every way to ask about what lies in a scene while naming a project in which it does not lie."""
    filled = fill(operations, replace(cast, ids={**cast.ids, "project": (project,)}))
    return tuple(one for one in filled.questions if project in one.given and one.kinds & _INSIDE)


def _is_scope(slot: Slot) -> bool:
    return slot.name in _SCOPE_TYPES | _SCOPE_IDS


def _choices(slot: Slot, operation: Operation, cast: Cast) -> list[_Choice]:
    """What a slot may hold; nothing when it must hold something and nobody knows what."""
    kind = guesses.kind(slot, operation, cast.ids)
    if kind is not None:
        named = [
            _Choice(values=((slot, guesses.typed(one, slot.shape)),), words=words, kind=kind, ids=(one,))
            for words, one in _numbered(kind, cast)
        ]
        return [_NONE, *named] if slot.place == "query" and not slot.required else named
    if slot.place == "query" and slot.name in _PAGE:
        most = slot.shape.bounds.ceiling
        return [_NONE if most is None else _Choice(values=((slot, int(most.value)),))]
    if slot.name.lower() in cast.values and slot.place != "path":
        return [_Choice(values=((slot, cast.values[slot.name.lower()]),))]
    if not slot.required or slot.shape.default:
        return [_NONE]
    return [_Choice(values=((slot, value),)) for value in guesses.made_up(slot)]


def _scopes(operation: Operation, cast: Cast) -> dict[str, list[_Choice]]:
    """What the pair of a scope's kind and its id may hold."""
    kinds = [slot for slot in operation.slots if slot.name in _SCOPE_TYPES]
    keys = [slot for slot in operation.slots if slot.name in _SCOPE_IDS]
    if not kinds:
        return {key.name: [] for key in keys if key.required}
    kind = kinds[0]
    found = [] if kind.required else [_NONE]
    for scope in SCOPES:
        if kind.shape.enum is None or scope in kind.shape.enum:
            found.extend(_scope(scope, kind, keys, cast))
    return {kind.name: found}


def _scope(scope: str, kind: Slot, keys: Sequence[Slot], cast: Cast) -> Iterator[_Choice]:
    if scope == "global" or not keys:
        yield _Choice(values=((kind, scope),), words=f"scope {scope}", kind=scope, scope=scope)
        return
    for words, one in _numbered(scope, cast):
        values = ((kind, scope), (keys[0], one))
        yield _Choice(values=values, words=f"scope {words}", kind=scope, scope=scope, ids=(one,))


def _question(operation: Operation, chosen: Sequence[_Choice]) -> Question:
    values = [pair for choice in chosen for pair in choice.values]
    words = ", ".join(choice.words for choice in chosen if choice.words)
    path = operation.path
    for slot, value in values:
        if slot.place == "path":
            path = path.replace("{" + slot.name + "}", str(value))
    takes = any(slot.place == "body" for slot in operation.slots)
    return Question(
        operation=operation,
        label=f"{operation.name} ({words})" if words else operation.name,
        path=path,
        query={slot.name: value for slot, value in values if slot.place == "query"},
        headers={slot.name: str(value) for slot, value in values if slot.place == "header"},
        body={slot.name: value for slot, value in values if slot.place == "body"} if takes else None,
        scope=next((choice.scope for choice in chosen if choice.scope), None),
        kinds=frozenset(choice.kind for choice in chosen if choice.kind),
        given=tuple(one for choice in chosen for one in choice.ids),
    )


def _numbered(kind: str, cast: Cast) -> Iterator[tuple[str, str]]:
    """The ids of a kind with words for each that are the same in every scene."""
    ids = cast.ids.get(kind, ())
    for number, one in enumerate(ids, 1):
        yield (f"{kind} {number}" if len(ids) > 1 else kind), one
