"""A witness of events: what the platform's messages say, read leniently, and what came when another was awaited."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from harness.errors import CannotTell, DidNotCome
from harness.journal import Journal
from harness.observe import bus, event_names
from harness.observe.bus import AWAIT_SECONDS, BusListener, Message

INSTRUMENT: Final = "bus"
# For others once one was awaited in vain: in the same criterion, which has failed by that, or where nobody ever saw
# any of the family; and where nobody ever saw any of the very type.
AGAIN_SECONDS: Final = 10.0
NEVER_SEEN_SECONDS: Final = 3.0
_ALL_SECONDS: Final = 240.0
_PREFIX: Final = "events."
_OWN: Final = "conform."
_SHOWN: Final = 8
_KINDS: Final = ("scope_type", "scope_kind", "scope", "level")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its type, what it is about, and its fields, those of the payload before those beside it."""

    type: str
    entity_type: str
    entity_id: str | None
    fields: Mapping[str, Any]

    def named(self, field: str) -> str | None:
        """What a field names, written plainly; None when it is missing or empty."""
        value = self.fields.get(field)
        return None if value in (None, "") else plain(value)

    def amount(self, field: str) -> Decimal | None:
        """The number in a field, which may be written as text; None when there is none."""
        value = self.fields.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        try:
            return Decimal(str(value))
        except InvalidOperation:
            return None

    def limits(self) -> Iterator[Decimal]:
        """Every number in it that its field calls a limit."""
        fields = (name for name in self.fields if "limit" in name.lower())
        return (amount for name in fields if (amount := self.amount(name)) is not None)

    @property
    def scope(self) -> tuple[str | None, str | None]:
        """The kind of scope that it says it is about, in small letters, and the id of that scope."""
        nested = _mapping(self.fields.get("scope"))
        told = [nested.get("type"), *(self.fields.get(name) for name in _KINDS)]
        kind = next((value.lower() for value in told if isinstance(value, str)), None)
        keys = (nested.get("id"), self.fields.get("scope_id"), self.fields.get(f"{kind}_id"))
        return kind, next((plain(key) for key in keys if key is not None), None)

    def __str__(self) -> str:
        """Its type, with its scope where it states one."""
        kind, _ = self.scope
        return f"{self.type} of a {kind}" if kind else self.type


Predicate = Callable[[Event], bool]
Missed = dict[str, set[str]]


class Events:
    """Everything that a subscriber of ours received since the check began that holds this instrument.

    `missed` is shared by the instruments of a run: the types of events that one of them awaited in vain, by the
    criterion of the check that held it. `source` is where the platform's code names its events, where it is at hand.
    """

    def __init__(
        self,
        journal: Journal,
        listener: BusListener,
        *,
        missed: Missed | None = None,
        criterion: str = "",
        source: Path | None = None,
    ) -> None:
        self._journal = journal
        self._listener = listener
        self._missed: Missed = {} if missed is None else missed
        self._criterion = criterion
        self._source = source
        self._begun = len(listener.messages)

    def of(self, event_type: str, which: Predicate, *, claim: str) -> tuple[Event, ...]:
        """The events of a type that a predicate selects; the reading counts every event received so far."""
        received = self._received()
        found = tuple(event for event in received if event.type == event_type and which(event))
        self._journal.note(INSTRUMENT, f"{event_type}: {claim}", observed=len(found), examined=len(received))
        return found

    def await_event(self, event_type: str, which: Predicate, *, claim: str) -> Event:
        """The first such event, DidNotCome after 30 s, which names what came instead."""
        return self.await_events(event_type, which, number=1, claim=claim)[0]

    def await_events(self, event_type: str, which: Predicate, *, number: int, claim: str) -> tuple[Event, ...]:
        """So many such events, or DidNotCome when no other came for 30 s, which names what came instead.

        After a miss others are awaited for less: 10 s where it was for the same criterion, or where nobody ever saw one
        of this type and others of its family (the word before the dot) were missed; 3 s where this type itself was.
        CannotTell when they still come after minutes.
        """
        found: list[Event] = []
        position, until = self._begun, time.monotonic() + _ALL_SECONDS

        def fits(message: Message) -> bool:
            event = decode(message)
            return event.type == event_type and which(event)

        deadline = self._patience(event_type)
        try:
            while len(found) < number:
                if time.monotonic() > until:
                    raise CannotTell(f"{event_type} ({claim}): {len(found)} of {number} came by now, and more may come")
                message = self._listener.await_message(fits, deadline, after=position)
                position = self._listener.messages.index(message, position) + 1
                found.append(decode(message))
        except DidNotCome as missing:
            self._missed.setdefault(self._criterion, set()).add(event_type)
            came = f"{len(found)} of {number} came, and no other" if number > 1 else "did not come"
            message = f"{event_type} ({claim}) {came} in {deadline:g} s; {self._instead()}{self._alike(event_type)}"
            raise DidNotCome(message, channel=bus.CHANNEL) from missing
        self._journal.note(INSTRUMENT, f"{event_type}: {claim}", observed=len(found), examined=len(found))
        return tuple(found)

    def _patience(self, event_type: str) -> float:
        """For how many seconds such an event is awaited."""
        if self._ever_saw(event_type):
            return AGAIN_SECONDS if event_type in self._missed.get(self._criterion, ()) else AWAIT_SECONDS
        missed = {one for types in self._missed.values() for one in types}
        if event_type in missed:
            return NEVER_SEEN_SECONDS
        return AGAIN_SECONDS if _family(event_type) in map(_family, missed) else AWAIT_SECONDS

    def _ever_saw(self, event_type: str) -> bool:
        return any(decode(message).type == event_type for message in self._listener.messages)

    def _received(self) -> tuple[Event, ...]:
        fresh = map(decode, self._listener.messages[self._begun :])
        return tuple(event for event in fresh if not event.type.startswith(_OWN))

    def _instead(self) -> str:
        kinds = Counter(map(str, self._received()))
        shown = ", ".join(f"{number} x {kind}" for kind, number in kinds.most_common(_SHOWN))
        return f"published since this check began: {shown}" if shown else "nothing was published since this check began"

    def _alike(self, event_type: str) -> str:
        """What the source calls a type of which nobody ever saw one."""
        if self._source is None or self._ever_saw(event_type):
            return ""
        names = event_names.alike(self._source, event_type)
        return f"; the source names {', '.join(names)}" if names else ""


@lru_cache(maxsize=20_000)
def decode(message: Message) -> Event:
    """A message as an event; what is no JSON object has no fields, and a missing type is told by the channel."""
    try:
        told = _mapping(json.loads(message.text))
    except ValueError:
        told = _mapping(None)
    entity = told.get("entity_id")
    return Event(
        type=str(told.get("event_type") or message.channel.removeprefix(_PREFIX)),
        entity_type=str(told.get("entity_type") or ""),
        entity_id=None if entity is None else plain(entity),
        fields={**told, **_mapping(told.get("payload"))},
    )


def _family(event_type: str) -> str:
    return event_type.partition(".")[0]


def plain(key: object) -> str:
    """An id without the dashes that some write and some do not."""
    return str(key).replace("-", "").lower()


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
