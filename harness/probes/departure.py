"""Tells what somebody is still shown of a project who followed it as a member, and was then removed."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from harness.journal import Journal
from harness.observe.doorway import Doorway, House, Told
from harness.observe.filling import Filled, Question
from harness.observe.following import Following
from harness.observe.traces import Marks

INSTRUMENT: Final = "departure"
AWAIT_SECONDS: Final = 30.0
# Whatever has been sent already needs no longer to arrive, unless who stayed had to wait longer.
ARRIVAL_SECONDS: Final = 3.0
_EVENTS: Final = frozenset({"event", "events"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deeds:
    """What is done to a project between the looks.

    `spend` has a cost recorded and gives the numbers by which it is recognised, `recognise` those of all that is there.
    """

    remove: Callable[[], None]
    spend: Callable[[], Marks]
    recognise: Callable[[], Marks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream of events, as far as who leaves and who stays were let into it."""

    question: Question
    leaving: Following | None
    staying: Following | None

    @property
    def label(self) -> str:
        """How a report names it."""
        return self.question.label

    def tells_both(self, cost: Marks) -> bool:
        """Whether both are told of a cost in time."""
        return _told(self.staying, cost, AWAIT_SECONDS) and _told(self.leaving, cost, AWAIT_SECONDS)

    def unclear(self, cost: Marks) -> bool:
        """Whether it may be about costs, though not both were told of one: those that refuse both are not."""
        opened = [one for one in (self.leaving, self.staying) if one is not None]
        if len(opened) < len((self.leaving, self.staying)):
            return bool(opened)
        about = self.question.operation.about_money or bool(self.question.operation.words & _EVENTS)
        return any(one.shows(cost, 0) for one in opened) or (about and not any(one.told for one in opened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What the removed are shown, what they were shown before, and the streams that fell silent for everybody.

    `unheard` are streams that may be about costs, where none told both of them of one.
    """

    leaked: tuple[str, ...]
    before: tuple[str, ...]
    silent: tuple[str, ...]
    unheard: tuple[str, ...]


class Departure:
    """The instrument that has two members follow a project, removes one of them, and looks what that one is shown."""

    def __init__(self, journal: Journal, url: str, filled: Filled) -> None:
        self._journal = journal
        self._url = url
        self._streams = [one for one in filled.questions if one.operation.streams]
        self._reads = [one for one in filled.questions if not one.operation.streams]

    def watch(self, leaving: str, staying: str, deeds: Deeds) -> Aftermath:
        """Follow a project in the name of both, and have costs recorded after one of them was removed."""
        with ExitStack() as until:
            theirs = until.enter_context(self._doorway(leaving, "who leaves"))
            others = until.enter_context(self._doorway(staying, "who stays"))
            opened = tuple(_opened(theirs, others, self._streams, until))
            first = deeds.spend()
            streams = [one for one in opened if one.tells_both(first)]
            unheard = () if streams else tuple(one.label for one in opened if one.unclear(first))
            before = self._shown(leaving, deeds.recognise())
            deeds.remove()
            began = time.monotonic()
            later = deeds.spend()
            silent = [one.label for one in streams if not _told(one.staying, later, AWAIT_SECONDS)]
            # A second cost comes after the first by the same way: who hears of it was sent the first.
            fence = deeds.spend()
            silent += [one.label for one in streams if not _told(one.staying, fence, AWAIT_SECONDS)]
            patience = max(ARRIVAL_SECONDS, 2 * (time.monotonic() - began))
            streamed = tuple(one.label for one in streams if _told(one.leaving, later, patience))
        leaked = (*streamed, *map(str, self._shown(leaving, deeds.recognise())))
        told = (*(one.label for one in streams), *(one.question.label for one in before))
        self._note(told, leaked, followed=streams)
        return Aftermath(leaked=leaked, before=told, silent=tuple(silent), unheard=unheard)

    def _doorway(self, token: str, who: str) -> Doorway:
        return Doorway(House(url=self._url), token, who=who)

    def _shown(self, token: str, own: Marks) -> tuple[Told, ...]:
        """The answers that show somebody anything of the project."""
        with Doorway(House(url=self._url, own=own), token, who="who leaves") as doorway:
            return tuple(told for one in self._reads if (told := doorway.ask(one)).granted and told.own)

    def _note(self, told: Sequence[str], leaked: Sequence[str], *, followed: Sequence[Stream]) -> None:
        claim = "what showed a member the project, and still does after they were removed"
        followed_of = f"{len(followed)} of {len(self._streams)} streams of events that are described followed"
        seen = f"{len(told)} ways before, {len(leaked)} after, {followed_of}"
        self._journal.note(INSTRUMENT, claim, observed=seen, examined=len(told))
        labels = {one.label for one in followed}
        left = tuple(one.label for one in self._streams if one.label not in labels)
        if left:
            claim = "streams of events that did not tell both members of a cost, and were not followed"
            self._journal.find(INSTRUMENT, claim, observed=left, examined=len(left))


def _opened(theirs: Doorway, others: Doorway, asked: Sequence[Question], until: ExitStack) -> Iterator[Stream]:
    """Every stream, as far as both are let into it."""
    for question in asked:
        leaving, staying = theirs.follow(question), others.follow(question)
        for one in (leaving, staying):
            if one is not None:
                until.enter_context(one)
        yield Stream(question=question, leaving=leaving, staying=staying)


def _told(listening: Following | None, cost: Marks, seconds: float) -> bool:
    return listening is not None and listening.shows(cost, seconds)
