"""Finds what a published API description takes away from the consumers of its baseline.

A response may promise more and a request may ask for less; the reverse breaks somebody. Bounds and defaults count
only where the baseline states one: its silence promises none. Authentication that was added is no break.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from harness.journal import Journal
from harness.observe import bounds
from harness.observe.openapi import Description, Shape, described

Direction = Literal["request", "response"]
_VERBS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
_CREDENTIALS: Final = ("authorization", "cookie", "x-api-key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One promise of the baseline that the published description no longer makes."""

    route: str
    place: str
    was: str
    now: str

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.route}: {self.place} was {self.was}, is {self.now}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The breaks, and how many operations, parameters and fields were compared."""

    examined: int
    breaks: tuple[Break, ...]


class ApiContract:
    """The instrument of CON-API-001: notes the comparison in the journal of the check that is running."""

    def __init__(self, journal: Journal, comparison: Comparison) -> None:
        self._journal = journal
        self._comparison = comparison

    def breaks(self) -> tuple[Break, ...]:
        """What consumers of the baseline lose."""
        found = self._comparison.breaks
        self._journal.note(
            "api contract",
            "operations, parameters and fields of the baseline are kept",
            expected=(),
            observed=tuple(map(str, found)),
            examined=self._comparison.examined,
        )
        return found


def compare(baseline: Mapping[str, Any], published: Mapping[str, Any]) -> Comparison:
    """Compare two OpenAPI documents, 3.0 or 3.1, route by route of the baseline."""
    was, now = Description(baseline), Description(published)
    compared = [_Route(was, now, route) for route in _routes(was)]
    for route in compared:
        route.compare()
    return Comparison(
        examined=sum(route.examined for route in compared),
        breaks=tuple(found for route in compared for found in route.breaks),
    )


def _routes(description: Description) -> Iterator[tuple[str, str]]:
    for path, item in description.document.get("paths", {}).items():
        yield from ((verb, path) for verb in _VERBS if verb in item)


class _Route:
    """The comparison of one operation of the baseline with its successor."""

    def __init__(self, was: Description, now: Description, route: tuple[str, str]) -> None:
        self._was = was
        self._now = now
        self._verb, self._path = route
        self.examined = 0
        self.breaks: list[Break] = []

    def compare(self) -> None:
        self.examined += 1
        was = _operation(self._was, self._verb, self._path)
        now = _operation(self._now, self._verb, self._path)
        if not now:
            self._broke("the operation", "offered", "gone")
            return
        self._parameters(was.get("parameters", {}), now.get("parameters", {}))
        self._body(was.get("requestBody"), now.get("requestBody"))
        self._responses(was.get("responses", {}), now.get("responses", {}))

    def _parameters(self, was: Mapping[Any, Any], now: Mapping[Any, Any]) -> None:
        for (location, name), parameter in was.items():
            self.examined += 1
            place, kept = f"{location} parameter {name}", now.get((location, name))
            if kept is None:
                self._broke(place, "offered", "gone")
            elif kept.get("required") and not parameter.get("required"):
                self._broke(place, "optional", "required")
            if kept is not None:
                self._schema(place, parameter.get("schema", {}), kept.get("schema", {}), "request")
        for (location, name), parameter in now.items():
            if (location, name) not in was and parameter.get("required") and name.lower() not in _CREDENTIALS:
                self._broke(f"{location} parameter {name}", "not asked for", "required")

    def _body(self, was: Any, now: Any) -> None:
        before, after = self._was.follow(was or {}), self._now.follow(now or {})
        if not before:
            if after.get("required"):
                self._broke("request body", "not asked for", "required")
            return
        if after.get("required") and not before.get("required"):
            self._broke("request body", "optional", "required")
        self._content("request body", before, after, "request")

    def _responses(self, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        for code, answer in was.items():
            if not code.startswith("2"):
                continue
            self.examined += 1
            kept = now.get(code, now.get("2XX"))
            if kept is None:
                codes = ", ".join(sorted(code for code in now if code.startswith("2"))) or "none"
                self._broke("success code", code, codes)
            else:
                self._content("response", self._was.follow(answer), self._now.follow(kept), "response")

    def _content(self, place: str, was: Mapping[str, Any], now: Mapping[str, Any], direction: Direction) -> None:
        for media, content in was.get("content", {}).items():
            kept = now.get("content", {}).get(media)
            if kept is None:
                self._broke(f"{place} as {media}", "offered", "gone")
            else:
                self._schema(place, content.get("schema", {}), kept.get("schema", {}), direction)

    def _schema(self, place: str, was: Any, now: Any, direction: Direction) -> None:
        before, after = self._was.shape(was), self._now.shape(now)
        self._values(place, before, after, direction)
        for name, schema in before.fields.items():
            self._field(f"{place} field {name}", name, (before, after), direction)
            if name in after.fields:
                self._schema(f"{place} field {name}", schema, after.fields[name], direction)
        if direction == "request":
            for name in sorted(after.required - before.required - set(before.fields)):
                self._broke(f"{place} field {name}", "not asked for", "required")
        if before.items is not None and after.items is not None:
            self._schema(f"{place} items", before.items, after.items, direction)

    def _field(self, place: str, name: str, shapes: tuple[Shape, Shape], direction: Direction) -> None:
        was, now = shapes
        self.examined += 1
        strict, loose = (was, now) if direction == "response" else (now, was)
        # An object described without any field is free-form: it can still hold what was never promised.
        if name not in now.fields and (now.fields or name in was.required):
            self._broke(place, "described", "gone")
        elif name in now.fields and name in strict.required and name not in loose.required:
            words = ("required", "optional")
            self._broke(place, *(words if direction == "response" else words[::-1]))

    def _values(self, place: str, was: Shape, now: Shape, direction: Direction) -> None:
        wide, narrow = (was, now) if direction == "response" else (now, was)
        fewer = direction == "request" and now.enum is not None and (was.enum is None or not was.enum <= now.enum)
        if fewer or not narrow.kinds <= wide.kinds:
            self._broke(place, described(was), described(now))
            return
        if wide.format is not None and "string" in narrow.kinds and narrow.format != wide.format:
            self._broke(place, f"format {was.format or 'none'}", f"format {now.format or 'none'}")
        if direction == "request":
            self._limits(place, was, now)

    def _limits(self, place: str, was: Shape, now: Shape) -> None:
        """What a request may hold, and what is taken when it holds nothing."""
        for before, after in bounds.narrowed(was.bounds, now.bounds, whole="number" not in was.kinds):
            self._broke(place, str(before), str(after))
        if was.default and was.default != now.default:
            self._broke(place, _default(was), _default(now))

    def _broke(self, place: str, was: str, now: str) -> None:
        self.breaks.append(Break(route=f"{self._verb.upper()} {self._path}", place=place, was=was, now=now))


def _default(shape: Shape) -> str:
    return f"default {json.dumps(shape.default[0])}" if shape.default else "no default"


def _operation(description: Description, verb: str, path: str) -> dict[str, Any]:
    """The operation with its parameters by location and name, those of the path included; empty when gone."""
    items = {_anonymous(known): item for known, item in description.document.get("paths", {}).items()}
    item: Mapping[str, Any] = items.get(_anonymous(path), {})
    if verb not in item:
        return {}
    operation: dict[str, Any] = dict(item[verb])
    listed = [description.follow(each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    operation["parameters"] = {(each["in"], each["name"]): each for each in listed}
    return operation


def _anonymous(path: str) -> str:
    """The path without the names of its parameters, which consumers never see."""
    return re.sub(r"\{[^}]*\}", "{}", path)
