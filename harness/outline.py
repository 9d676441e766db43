"""The document as an outline: ids, sections, number of criteria, and a digest of each normalised sentence.

The outline stands in for the document where that is not at hand, and shows where its text was edited since.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from harness.errors import Misuse
from harness.model import SourceKind

_HEADING: Final = re.compile(r"^(#{2,4})\s+(.*)$")
_SECTION: Final = re.compile(r"^(\d+(?:\.\d+)*)\.?\s")
_REQUIREMENT: Final = re.compile(r"^([A-Z][A-Z0-9]*-[A-Z0-9]+-\d{3}):")
_BOX: Final = re.compile(r"^\s*-\s*\[[ x]\]\s*")
_DIGEST_LENGTH: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of the document that must hold: where it stands, its criteria, digests of its sentences."""

    id: str
    kind: SourceKind
    section: str
    criteria: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of the document under one heading; `id` is set where the heading names a requirement."""

    section: str
    id: str | None
    boxes: int
    sentences: tuple[str, ...]


_OUTLINE: TypeAdapter[tuple[Statement, ...]] = TypeAdapter(tuple[Statement, ...])


def load(path: Path) -> tuple[Statement, ...]:
    """Read the committed outline, or raise Misuse."""
    try:
        return _OUTLINE.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise Misuse(f"the outline {path.name} cannot be read", hint="restore it from the repository") from error


def dump(statements: Iterable[Statement]) -> str:
    """Write an outline as the text that is committed."""
    return _OUTLINE.dump_json(tuple(statements), indent=2).decode() + "\n"


def parse(text: str) -> tuple[Passage, ...]:
    """Split a document into passages; Misuse when it names no requirement at all."""
    passages = tuple(_passages(text.splitlines()))
    if not any(passage.id for passage in passages):
        raise Misuse("the document names no requirement", hint="requirements are headings like `#### REQ-BILL-001: …`")
    return passages


def renewed(statements: Iterable[Statement], passages: Iterable[Passage]) -> tuple[Statement, ...]:
    """Give the outline of the document as it is now: known statements first, then requirements it has gained."""
    passages = tuple(passages)
    known = tuple(statements)
    gained = [one for one in passages if one.id and one.id not in {statement.id for statement in known}]
    return (
        *(_renewed(statement, passages) for statement in known),
        *(
            Statement(
                id=one.id or "",
                kind="document",
                section=one.section,
                criteria=max(one.boxes, 1),
                sentences=one.sentences,
            )
            for one in gained
        ),
    )


def passage_of(statement: Statement, passages: Iterable[Passage]) -> tuple[Passage, ...]:
    """Where a statement stands: under its own heading, or, for a derived one, in its section."""
    if statement.kind == "document":
        return tuple(one for one in passages if one.id == statement.id)
    return tuple(one for one in passages if one.section == statement.section)


def _renewed(statement: Statement, passages: tuple[Passage, ...]) -> Statement:
    found = passage_of(statement, passages)
    boxes = sum(one.boxes for one in found) if statement.kind == "document" else 0
    sentences = tuple(sentence for one in found for sentence in one.sentences)
    return replace(statement, criteria=boxes or statement.criteria, sentences=sentences)


def _passages(lines: Iterable[str]) -> Iterator[Passage]:
    section, name, body = "", None, list[str]()
    for line in lines:
        heading = _HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        yield _passage(section, name, body)
        numbered = _SECTION.match(heading.group(2))
        required = _REQUIREMENT.match(heading.group(2))
        section = numbered.group(1) if numbered else section
        name, body = (required.group(1) if required else None), [heading.group(2)]
    yield _passage(section, name, body)


def _passage(section: str, name: str | None, body: list[str]) -> Passage:
    sentences = tuple(_digest(line) for line in body if _normalised(line))
    return Passage(section=section, id=name, boxes=sum(bool(_BOX.match(line)) for line in body), sentences=sentences)


def _digest(line: str) -> str:
    return hashlib.sha256(_normalised(line).encode()).hexdigest()[:_DIGEST_LENGTH]


def _normalised(line: str) -> str:
    return " ".join(re.findall(r"[\w.%<>]+", _BOX.sub("", line).lower()))
