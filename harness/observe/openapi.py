"""Says which values a schema of an OpenAPI document admits, whatever style it is written in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final

from harness.errors import PlatformMisbehaved
from harness.observe import bounds
from harness.observe.bounds import ENDLESS, Range

_KINDS: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
_DEEPEST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The values a schema admits; fields and items stay schemas, to be looked at when somebody asks.

    `format` is that of its strings; `default` holds the value taken for none, which may be null, or nothing.
    """

    kinds: frozenset[str] = _KINDS
    fields: Mapping[str, Any] = field(default_factory=dict[str, Any])
    required: frozenset[str] = frozenset()
    items: Any = None
    enum: frozenset[str] | None = None
    bounds: Range = ENDLESS
    format: str | None = None
    default: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """One OpenAPI document, with its references followed on demand."""

    document: Mapping[str, Any]

    def follow(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node itself, or what it refers to."""
        for _ in range(_DEEPEST):
            if "$ref" not in node:
                return node
            node = self._at(str(node["$ref"]))
        raise _unreadable(f"{node['$ref']} refers to itself")

    def shape(self, schema: Any, depth: int = 0) -> Shape:
        """What the schema admits; a reference with siblings means both, as 3.1 says."""
        if depth > _DEEPEST:
            raise _unreadable("a schema is built from itself")
        if not isinstance(schema, Mapping):
            return Shape(kinds=_KINDS if schema else frozenset())
        node: Mapping[str, Any] = {str(key): value for key, value in schema.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        parts = [_own(node)]
        if "$ref" in node:
            parts.append(self.shape(self._at(str(node["$ref"])), depth + 1))
        parts.extend(self.shape(part, depth + 1) for part in node.get("allOf", ()))
        unions = (node[word] for word in ("anyOf", "oneOf") if word in node)
        parts.extend(reduce(_either, [self.shape(part, depth + 1) for part in union]) for union in unions)
        both = reduce(_both, parts)
        return replace(both, kinds=both.kinds | {"null"}) if node.get("nullable") else both

    def _at(self, reference: str) -> Mapping[str, Any]:
        node: Any = self.document
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise _unreadable(f"it refers to {reference}, which it does not hold")
            node = node[name]  # pyright: ignore[reportUnknownVariableType]
        return node  # pyright: ignore[reportUnknownVariableType]


def described(shape: Shape) -> str:
    """The kinds of value as a reader writes them, such as `string or null`."""
    kinds = shape.kinds - ({"integer"} if "number" in shape.kinds else set[str]())
    if shape.kinds == _KINDS:
        return "anything"
    named = " or ".join(sorted(kinds - {"null"}) + sorted(kinds & {"null"}))
    return named if shape.enum is None else f"{named} of {', '.join(sorted(shape.enum))}"


def _own(node: Mapping[str, Any]) -> Shape:
    """What the keywords of this very node admit."""
    values: Sequence[Any] | None = [node["const"]] if "const" in node else node.get("enum")
    kinds = _kinds(node, values)
    return Shape(
        kinds=kinds,
        fields=node.get("properties", {}),
        required=frozenset(node.get("required", ())),
        items=node.get("items"),
        enum=None if values is None else frozenset(str(value) for value in values if value is not None),
        bounds=bounds.stated(node),
        format=node.get("format") if "string" in kinds else None,
        default=(node["default"],) if "default" in node else (),
    )


def _kinds(node: Mapping[str, Any], values: Sequence[Any] | None) -> frozenset[str]:
    stated: Any = node.get("type")
    if stated is None:
        if values is not None:
            return frozenset(_kind_of(value) for value in values)
        return frozenset({"object"}) if "properties" in node else _KINDS
    kinds = frozenset([stated] if isinstance(stated, str) else stated)
    # Every integer is a number.
    return kinds | {"integer"} if "number" in kinds else kinds


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
    return names.get(type(value), "object")


def _both(one: Shape, other: Shape) -> Shape:
    enums = [shape.enum for shape in (one, other) if shape.enum is not None]
    return Shape(
        kinds=one.kinds & other.kinds,
        fields={**one.fields, **other.fields},
        required=one.required | other.required,
        items=one.items if other.items is None else other.items,
        enum=reduce(frozenset[str].intersection, enums) if enums else None,
        bounds=bounds.both(one.bounds, other.bounds),
        format=one.format or other.format,
        # What stands beside a reference or a union says more than what is inside.
        default=one.default or other.default,
    )


def _either(one: Shape, other: Shape) -> Shape:
    """Both alternatives; null beside something adds nothing but null."""
    for some, rest in ((one, other), (other, one)):
        if rest.kinds == frozenset({"null"}):
            return replace(some, kinds=some.kinds | {"null"})
    objects = [shape.required for shape in (one, other) if "object" in shape.kinds]
    formats = {shape.format for shape in (one, other) if "string" in shape.kinds}
    return Shape(
        kinds=one.kinds | other.kinds,
        fields={**one.fields, **other.fields},
        required=reduce(frozenset[str].intersection, objects) if objects else frozenset(),
        items=one.items if other.items is None else other.items,
        enum=None if one.enum is None or other.enum is None else one.enum | other.enum,
        format=formats.pop() if len(formats) == 1 else None,
    )


def _unreadable(reason: str) -> PlatformMisbehaved:
    return PlatformMisbehaved(f"the API description cannot be read: {reason}", operation="describe the API")
