"""Walks a platform's own revisions, one at a time, on a database of ours."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import TypeAdapter

from harness.errors import PlatformMisbehaved
from harness.observe.scratch import Scratch

STEP_DEADLINE: Final = 60.0
WHOLE_DEADLINE: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision as the platform's Alembic knows it; `needs` are those of other branches that it depends on."""

    id: str
    down: tuple[str, ...]
    needs: tuple[str, ...]
    message: str
    file: str


_REVISIONS: Final = TypeAdapter(tuple[Revision, ...])
_HEADS: Final = TypeAdapter(tuple[str, ...])
NOTHING: Final = TypeAdapter(type(None))


def revisions(place: Scratch) -> tuple[Revision, ...]:
    """The platform's revisions, parents before children."""
    return place.ask("migrate.revisions", _REVISIONS, deadline=STEP_DEADLINE)


def heads(place: Scratch) -> tuple[str, ...]:
    """The revisions that no other follows."""
    return place.ask("migrate.heads", _HEADS, deadline=STEP_DEADLINE)


def start(place: Scratch) -> None:
    """Let the migration environment run without a step; raises PlatformMisbehaved when not even that works."""
    place.ask("migrate.current", _HEADS, deadline=STEP_DEADLINE)


def upgrade(place: Scratch, to: str = "head") -> None:
    """Go up as the platform's operators do; raises PlatformMisbehaved with what its migrations raised."""
    place.ask("migrate.upgrade", NOTHING, deadline=WHOLE_DEADLINE, to=to)


def step(place: Scratch, direction: Literal["up", "down"], revision: Revision, *, doing: str) -> str | None:
    """Go one revision up or down; what the platform's own code raised, as one line, or None."""
    try:
        place.ask(f"migrate.{direction}", NOTHING, deadline=STEP_DEADLINE, revision=revision.id)
    except PlatformMisbehaved as refusal:
        lines = refusal.message.splitlines()
        return f"{doing} {revision.id} raised: {lines[0] if lines else type(refusal).__name__}"
    return None
