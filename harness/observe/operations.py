"""Lists the operations that a published API description names, with what each of them takes and tells."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from harness.observe.openapi import Description, Shape

Place = Literal["path", "query", "header", "body"]

_VERBS: Final = ("get", "post", "put", "patch", "delete")
_STREAM: Final = "text/event-stream"
BUDGETS: Final = frozenset({"budget", "budgets"})
_MONEY: Final = BUDGETS | {"cost", "costs", "forecast", "forecasts", "spend", "spending"}
_AMOUNTS: Final = frozenset({"total_cost", "prompt_cost", "limit_amount", "spent_amount", "estimated_cost"})
# A document that is posted under such a name asks for something; it changes nothing.
_QUESTIONS: Final = frozenset({"forecast", "estimate", "check", "search", "query", "preview", "calculate"})
_NESTED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slot:
    """One thing that an operation takes: a parameter, or a field of the document that is sent."""

    name: str
    place: Place
    required: bool
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation: its words are those of its path and tags, and it tells the fields of its answers."""

    method: str
    path: str
    slots: tuple[Slot, ...]
    words: frozenset[str]
    tells: frozenset[str]
    streams: bool

    @property
    def name(self) -> str:
        """How a report names it."""
        return f"{self.method} {self.path}"

    @property
    def about_money(self) -> bool:
        """Whether its path or tags speak of costs, budgets or forecasts."""
        return bool(self.words & _MONEY)

    @property
    def lets_in(self) -> bool:
        """Whether it is about signing in and out: that is nobody's money, and may be limited to a few times an hour."""
        return "auth" in self.words

    @property
    def writes(self) -> bool:
        """Whether it is there to change something."""
        asks = self.method == "POST" and re.split(r"[/_-]", self.path.rstrip("/"))[-1].lower() in _QUESTIONS
        return self.method != "GET" and not asks

    @property
    def tells_money(self) -> bool:
        """Whether it reads about money: by its words or the fields of its answers, or as a stream of events."""
        return not self.writes and (self.about_money or self.streams or bool(self.tells & _AMOUNTS))


def listed(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Every operation of an OpenAPI document; PlatformMisbehaved when it cannot be read."""
    description = Description(document)
    paths: Mapping[str, Mapping[str, Any]] = document.get("paths", {})
    return tuple(
        _operation(description, verb, path, item) for path, item in paths.items() for verb in _VERBS if verb in item
    )


def _operation(description: Description, verb: str, path: str, item: Mapping[str, Any]) -> Operation:
    stated: Mapping[str, Any] = item[verb]
    contents = list(_contents(description, stated.get("responses", {})))
    said = " ".join((re.sub(r"\{[^}]*\}", "", path), *stated.get("tags", ())))
    return Operation(
        method=verb.upper(),
        path=path,
        slots=(*_parameters(description, item, stated), *_fields(description, stated)),
        words=frozenset(re.findall(r"[a-z]+", said.lower())),
        tells=frozenset(name for content in contents for name in _told(description, content.get("schema", {}))),
        streams=any(_STREAM in kind for answer in _answers(description, stated) for kind in answer),
    )


def _parameters(description: Description, item: Mapping[str, Any], stated: Mapping[str, Any]) -> Iterator[Slot]:
    both = (*item.get("parameters", ()), *stated.get("parameters", ()))
    followed = {(each["in"], each["name"]): each for each in map(description.follow, both)}
    for (place, name), each in followed.items():
        if place in ("path", "query", "header"):
            shape = description.shape(each.get("schema", {}))
            yield Slot(name=name, place=place, required=bool(each.get("required")), shape=shape)


def _fields(description: Description, stated: Mapping[str, Any]) -> Iterator[Slot]:
    for content in description.follow(stated.get("requestBody", {})).get("content", {}).values():
        shape = description.shape(content.get("schema", {}))
        for name, schema in shape.fields.items():
            field = description.shape(schema)
            yield Slot(name=name, place="body", required=name in shape.required, shape=field)
        return


def _answers(description: Description, stated: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for code, answer in stated.get("responses", {}).items():
        if code.startswith("2"):
            yield description.follow(answer).get("content", {})


def _contents(description: Description, responses: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for contents in _answers(description, {"responses": responses}):
        yield from contents.values()


def _told(description: Description, schema: Any, depth: int = 0) -> Iterator[str]:
    """The names of the fields of a document, however deep."""
    if depth > _NESTED or not schema:
        return
    shape = description.shape(schema)
    yield from shape.fields
    for field in shape.fields.values():
        yield from _told(description, field, depth + 1)
    if shape.items is not None:
        yield from _told(description, shape.items, depth + 1)
