"""Finds a scene that nobody set: a project that is there already, by what it shows to one of its people."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast

from harness.errors import CannotTell
from harness.observe import filling, guesses
from harness.observe.doorway import Doorway, House, Told
from harness.observe.filling import Cast, Question
from harness.observe.operations import Operation
from harness.observe.traces import Marks

_PROJECT: Final = "project"
_SCENE: Final = ("spec", "ticket", "task", "agent", "cost", "budget")
_VALUES: Final = ("provider", "model")
# What one is recognised by, as fields are called that hold money or what it was spent on.
_TELLING: Final = re.compile(r"^(?:.*_cost|.*_amount|(?:prompt|completion|total)_tokens|spent|limit|remaining)$")
_ROUNDS: Final = 3
_MOST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who and what plays in a project, and by what it is recognised."""

    cast: Cast
    marks: Marks


def find(operations: Sequence[Operation], house: House, *, token: str, who: str, project: str) -> Found:
    """Follow the ids that answers to one of its people show, from the project on; CannotTell when it shows no costs."""
    found = _Finding(project)
    with Doorway(house, token, who=who) as doorway:
        for _ in range(_ROUNDS):
            new = found.unasked(operations)
            if not new:
                break
            for question in new:
                found.learn(doorway.ask(question))
    whole = found.whole()
    if not whole.marks.numbers:
        said = f"the {who} is shown no amount of the project by which answers to others could be recognised"
        raise CannotTell(said, hint="name a project whose costs are no round numbers; is its id right?")
    return whole


class _Finding:
    """What is known of a project so far."""

    def __init__(self, project: str) -> None:
        self._ids: dict[str, tuple[str, ...]] = {_PROJECT: (project,)}
        self._values: dict[str, object] = {}
        self._asked: set[str] = set()
        self._numbers: set[float] = set()

    def unasked(self, operations: Sequence[Operation]) -> list[Question]:
        """The questions about what is known that were not asked yet; those that name nothing may lead elsewhere."""
        filled = filling.fill([one for one in operations if not one.streams], self._cast())
        new = {_key(one): one for one in filled.questions if one.given and one.scope not in filling.WIDE}
        fresh = {key: one for key, one in new.items() if key not in self._asked}
        self._asked |= fresh.keys()
        return list(fresh.values())

    def learn(self, told: Told) -> None:
        """Take the ids, the words and the amounts from an answer."""
        if not told.granted:
            return
        with suppress(ValueError):
            for document in _documents(json.loads(told.text)):
                self._take(document, _listed(told.question.operation))

    def whole(self) -> Found:
        """Everything that was found."""
        words = [one for kind in (_PROJECT, *_SCENE) for one in self._ids.get(kind, ())]
        return Found(cast=self._cast(), marks=Marks.of(numbers=self._numbers, words=words))

    def _take(self, document: Mapping[str, Any], listed: str | None) -> None:
        for name, value in document.items():
            if name == "id":
                self._meet(_kind_of(document) or listed, value)
            elif name.endswith("_id"):
                self._meet(guesses.SAME.get(name.removesuffix("_id"), name.removesuffix("_id")), value)
            elif name in _VALUES and isinstance(value, str):
                self._values.setdefault(name, value)
            elif _TELLING.match(name) and isinstance(value, int | float) and not isinstance(value, bool):
                self._numbers.add(float(value))

    def _meet(self, kind: str | None, value: object) -> None:
        known = self._ids.get(kind or "", ())
        if kind in _SCENE and isinstance(value, str | int) and str(value) not in known and len(known) < _MOST:
            self._ids[kind] = (*known, str(value))

    def _cast(self) -> Cast:
        return Cast(ids=dict(self._ids), values={"last-event-id": "0", **self._values})


def _key(question: Question) -> str:
    return json.dumps((question.operation.name, question.path, dict(question.query)), sort_keys=True, default=str)


def _kind_of(document: Mapping[str, Any]) -> str | None:
    """Records of costs and budgets are known by their fields."""
    if "prompt_tokens" in document:
        return "cost"
    return "budget" if "limit_amount" in document else None


def _listed(operation: Operation) -> str | None:
    """What an operation lists or shows, by the last word of its path."""
    words = re.findall(r"[a-z_-]+", re.sub(r"\{[^}]*\}", "", operation.path).lower())
    name = words[-1].removesuffix("s") if words else ""
    return guesses.SAME.get(name, name) or None


def _documents(answer: object) -> Iterator[Mapping[str, Any]]:
    """Every object in a JSON document, however deep."""
    if isinstance(answer, list):
        for item in cast("list[object]", answer):
            yield from _documents(item)
    elif isinstance(answer, dict):
        document = cast("dict[str, Any]", answer)
        yield document
        for value in document.values():
            yield from _documents(value)
