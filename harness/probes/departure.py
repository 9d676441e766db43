"""Tells what somebody is still shown of a project who followed it as a member, and was then removed."""

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
# Whatever has been sent already needs no longer to arrive.
_ARRIVAL_SECONDS: Final = 3.0


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
    """One stream of events, opened by who leaves and by who stays."""

    label: str
    leaving: Following
    staying: Following


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What the removed are shown, what they were shown before, and the streams that fell silent for everybody."""

    leaked: tuple[str, ...]
    before: tuple[str, ...]
    silent: tuple[str, ...]


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
            streams = _telling(tuple(_opened(theirs, others, self._streams, until)), deeds.spend())
            before = self._shown(leaving, deeds.recognise())
            deeds.remove()
            later = deeds.spend()
            silent = [one.label for one in streams if not one.staying.shows(later, AWAIT_SECONDS)]
            # A second cost comes after the first by the same way: who hears of it was sent the first.
            fence = deeds.spend()
            silent += [one.label for one in streams if not one.staying.shows(fence, AWAIT_SECONDS)]
            streamed = tuple(one.label for one in streams if one.leaving.shows(later, _ARRIVAL_SECONDS))
        leaked = (*streamed, *map(str, self._shown(leaving, deeds.recognise())))
        told = (*(one.label for one in streams), *(one.question.label for one in before))
        self._note(told, leaked)
        return Aftermath(leaked=leaked, before=told, silent=tuple(silent))

    def _doorway(self, token: str, who: str) -> Doorway:
        return Doorway(House(url=self._url), token, who=who)

    def _shown(self, token: str, own: Marks) -> tuple[Told, ...]:
        """The answers that show somebody anything of the project."""
        with Doorway(House(url=self._url, own=own), token, who="who leaves") as doorway:
            return tuple(told for one in self._reads if (told := doorway.ask(one)).granted and told.own)

    def _note(self, told: Sequence[str], leaked: Sequence[str]) -> None:
        claim = "what showed a member the project, and still does after they were removed"
        seen = f"{len(told)} ways before, {len(leaked)} after, {len(self._streams)} streams of events described"
        self._journal.note(INSTRUMENT, claim, observed=seen, examined=len(told))


def _opened(theirs: Doorway, others: Doorway, asked: Sequence[Question], until: ExitStack) -> Iterator[Stream]:
    """The streams that both are let into."""
    for question in asked:
        opened = theirs.follow(question), others.follow(question)
        pair = [until.enter_context(one) for one in opened if one is not None]
        if len(pair) == len(opened):
            yield Stream(label=question.label, leaving=pair[0], staying=pair[1])


def _telling(streams: Sequence[Stream], cost: Marks) -> tuple[Stream, ...]:
    """The streams that tell both of a cost while both are members: others are not about costs."""
    heard = (one for one in streams if one.staying.shows(cost, AWAIT_SECONDS))
    return tuple(one for one in heard if one.leaving.shows(cost, AWAIT_SECONDS))
