"""Guesses what a parameter or field wants by its name and schema: an id of which kind, or something that fits."""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from harness.observe.openapi import Shape
from harness.observe.operations import Operation, Slot

SAME: Final = {
    "specification": "spec",
    "organisation": "organization",
    "org": "organization",
    "member": "user",
    "person": "user",
    "record": "cost",
    "cost_record": "cost",
}
_KEYS: Final = ("id", "ids", "key", "uuid")


def kind(slot: Slot, operation: Operation, known: Collection[str]) -> str | None:
    """The kind of thing whose id a slot wants, if it is a known one."""
    words = re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", slot.name).lower())
    stem = [word for word in words if word not in _KEYS]
    if slot.place == "header" or (slot.place != "path" and len(stem) == len(words)):
        return None
    before = re.search(r"([A-Za-z]+)/\{" + re.escape(slot.name) + r"\}", operation.path)
    names = ["_".join(stem), *stem[-1:]]
    if before is not None and slot.place == "path":
        names.append(before.group(1).lower().removesuffix("s"))
    return next((one for name in names if (one := SAME.get(name, name)) in known), None)


def typed(one: str, shape: Shape) -> object:
    """An id as its schema wants it: as text, as a number, or alone in a list."""
    if "array" in shape.kinds and "string" not in shape.kinds:
        return [one]
    return int(one) if "integer" in shape.kinds and "string" not in shape.kinds and one.isdigit() else one


def made_up(slot: Slot) -> Iterator[object]:
    """Something that fits; nothing for an id of what the scene does not have."""
    shape = slot.shape
    if shape.enum:
        yield min(shape.enum)
    elif slot.place == "path" or re.search(r"(^|_)(id|ids|uuid)$", slot.name):
        return
    elif "string" in shape.kinds:
        yield _text(shape.format)
    elif shape.kinds & {"integer", "number"}:
        yield max(1, int(shape.bounds.floor.value)) if shape.bounds.floor else 1
    elif "boolean" in shape.kinds:
        yield False
    elif "array" in shape.kinds:
        yield []
    elif "object" in shape.kinds:
        yield {}


def _text(form: str | None) -> str:
    match form:
        case "date-time":
            return (datetime.now(UTC) + timedelta(days=30)).isoformat()
        case "email":
            return f"{uuid4().hex}@scene.example"
        case "uuid":
            return str(uuid4())
        case _:
            return f"scene-{uuid4().hex[:12]}"
