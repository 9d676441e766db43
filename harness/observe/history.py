"""Walks a platform's own revisions, one at a time, on a database of ours."""

from collections.abc import Iterator
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


def prepare(place: Scratch) -> None:
    """Have the environment make what it needs for itself; raises PlatformMisbehaved when not even that works."""
    place.ask("migrate.prepare", NOTHING, deadline=STEP_DEADLINE)


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


class Climb:
    """The way up through a history, one revision whose parents are applied after the other, told how each went.

    One that was refused is given again when others went up since then: it may have waited for what they make.
    """

    def __init__(self, history: tuple[Revision, ...]) -> None:
        self._waiting = {revision.id: revision for revision in history}
        self.reached: list[Revision] = []
        self.refused: dict[str, str] = {}

    def __iter__(self) -> Iterator[Revision]:
        """What can be tried next; whoever is given one says how it went before they ask for another."""
        before = -1
        while len(self.reached) > before:
            before = len(self.reached)
            for revision in tuple(self._waiting.values()):
                if self._waiting.keys().isdisjoint((*revision.down, *revision.needs)):
                    yield revision

    def went(self, revision: Revision, error: str | None) -> None:
        """This one went up, or raised what is told."""
        if error is None:
            self.reached.append(self._waiting.pop(revision.id))
        else:
            self.refused.setdefault(revision.id, error)

    @property
    def left(self) -> tuple[Revision, ...]:
        """Those that have not gone up."""
        return tuple(self._waiting.values())

    @property
    def stuck(self) -> tuple[Revision, ...]:
        """Those among them that were tried."""
        return tuple(one for one in self.left if one.id in self.refused)

    @property
    def postponed(self) -> tuple[str, ...]:
        """Those that went up only after later ones, with what they raised before."""
        return tuple(error for name, error in self.refused.items() if name not in self._waiting)


def salvage(place: Scratch) -> Climb:
    """Go up as far as any order gets, which is further than the platform's own where that one fails."""
    climb = Climb(revisions(place))
    for revision in climb:
        climb.went(revision, step(place, "up", revision, doing="up to"))
    return climb
