"""Tries every operation that could change a limit or record a cost, and reads from the database what came of it."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Final

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe.doorway import Doorway, House, Told
from harness.observe.filling import WIDE, Filled, Question
from harness.observe.holdings import Change, Holdings
from harness.observe.operations import BUDGETS

INSTRUMENT: Final = "overrides"
LIMITS: Final = ("limit_amount", "budget_limit", "limit", "max_cost", "max_budget", "cost_limit", "budget", "amount")
# What else frees somebody of a limit: money that is unspent, a period that never ends, an alert that comes too late.
_FREEING: Final = {"spent_amount": 0.0, "spent": 0.0, "period_end": "2999-12-31T00:00:00Z", "alert_threshold": 1.0}
_PLACE: Final = "\x00limit\x00"

Deed = Callable[[str | None], None]
NO_WAYS: Final[Mapping[str, Deed]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One question, what was told to it, and what it changed in the database."""

    told: Told
    changes: tuple[Change, ...]

    @property
    def achieved(self) -> bool:
        """Whether the platform says that it did as asked, and the database holds it."""
        body = self.told.question.body or {}
        asked = [body[name] for name in LIMITS if name in body]
        return self.told.granted and any(not asked or change.came_to(asked[0]) for change in self.changes)

    def __str__(self) -> str:
        """One line for a report."""
        said = f"{self.told.question.label} answered {self.told.who} {self.told.status or 'nothing'}"
        return f"{said}, and {'; '.join(map(str, self.changes)) or 'no limit is another'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One attempt to record a cost, with what was told to it, and whether the stored costs changed."""

    told: str
    stored: bool


class Overrides:
    """The instrument of NFR-SEC-002, and of who records costs, at one scene."""

    def __init__(
        self,
        journal: Journal,
        house: House,
        filled: Filled,
        *,
        database_url: str,
        ways: Mapping[str, Deed] = NO_WAYS,
    ) -> None:
        """`ways` are those in which costs are recorded, each for whoever shows a token, or none."""
        self._ways = ways
        self._journal = journal
        self._house = house
        self._database_url = database_url
        self.filled = Filled(questions=_in_order(filled.questions), unfilled=filled.unfilled)

    def unasked(self, about: str) -> tuple[str, ...]:
        """What about budgets or costs could not be asked, and why."""
        return tuple(one for one in self.filled.unfilled if about in one.lower())

    def budget_questions(self) -> tuple[Question, ...]:
        """The questions by which a limit within one project is set, changed or removed."""
        found = tuple(one for one in self.filled.questions if _changes_a_budget(one) and one.scope not in WIDE)
        self._note_offered(found)
        return found

    def of_owner(self, role: str, done: Mapping[str, Sequence[Attempt]]) -> tuple[Attempt, ...]:
        """What an owner attempted, as far as the platform told any owner that it did so."""
        offered = {one.told.question.label for tried in done.values() for one in tried if one.told.granted}
        own = tuple(one for one in done[role] if one.told.question.label in offered)
        self._note(f"limits after what the {role} asked", own)
        idle = sorted({one.told.question.label for one in done[role]} - offered)
        if idle:
            claim = "questions about budgets that no owner was granted, so that a refusal says nothing"
            self._journal.find(INSTRUMENT, claim, observed=tuple(idle), examined=len(idle))
        return own

    def twin(self, who: str, token: str | None) -> tuple[Attempt, ...]:
        """What an owner achieves, up to the first success: only beside it does it count that others may not."""
        done: list[Attempt] = []
        for question in _limiting(self.budget_questions()):
            done.extend(self.attempts(who, token, (question,)))
            if done[-1].achieved:
                break
        return tuple(done)

    def attempts(self, who: str, token: str | None, questions: Sequence[Question]) -> tuple[Attempt, ...]:
        """Ask each question and look at the limits after it."""
        with Doorway(self._house, token, who=who) as doorway, Holdings(self._database_url) as held:
            done = tuple(_tried(doorway, held, question) for question in questions)
        self._note(f"limits after what {who} asked", done)
        return done

    def everything(
        self, who: str, token: str | None, values: Mapping[str, object], *, spared: Collection[str] = ()
    ) -> tuple[Attempt, ...]:
        """Ask every question that writes, as it is described and with these fields beside it; look after each.

        Questions about the scopes and ids that are spared are left out.
        """
        asked = [one for one in self.filled.questions if not {one.scope, *one.given} & set(spared)]
        with Doorway(self._house, token, who=who) as doorway, Holdings(self._database_url) as held:
            beside = {name: values[name] for name in LIMITS} | _FREEING
            done = tuple(one for question in asked for one in _pushed(doorway, held, question, beside))
        self._note(f"limits after every operation that writes, asked as {who}", done)
        self._tell_unfilled()
        return done

    def wide(self, who: str, token: str | None, ids: Collection[str]) -> tuple[Attempt, ...]:
        """Ask every question that changes a limit beyond one project, a new one or one of these; look after each."""
        asked = [one for one in self.filled.questions if _changes_a_budget(one)]
        wide = [one for one in asked if one.scope in WIDE or set(one.given) & set(ids)]
        self._note_offered(wide)
        return self.attempts(who, token, wide)

    def unsound(self, who: str, token: str | None, raw: str) -> tuple[Attempt, ...]:
        """Ask for every limit that can be set or changed to be this, as it is written out here."""
        with Doorway(self._house, token, who=who) as doorway, Holdings(self._database_url) as held:
            done = tuple(_written(doorway, held, question, raw) for question in _limiting(self.budget_questions()))
        self._note(f"limits after {raw} was asked for", done)
        return done

    def recording(self, who: str, token: str | None) -> tuple[Recorded, ...]:
        """Ask every question that records or changes costs, and try every way to; look at what is stored after each."""
        questions = [one for one in self.filled.questions if one.operation.words & {"cost", "costs"}]
        with Doorway(self._house, token, who=who) as doorway, Holdings(self._database_url) as held:
            asked = [_recorded(doorway, held, one) for one in questions if not _changes_a_budget(one)]
            told = (_recorded_by(way, partial(deed, token), who, held) for way, deed in self._ways.items())
            done = (*asked, *told)
        seen = f"{len(done)} asked, {sum(one.stored for one in done)} changed what is stored"
        examined = len(self.filled.questions)
        self._journal.note(INSTRUMENT, f"costs after what {who} asked", observed=seen, examined=examined)
        return done

    def _note_offered(self, found: Sequence[Question]) -> None:
        names = sorted({one.operation.name for one in found})
        claim = "operations that set, change or remove a limit"
        self._journal.note(INSTRUMENT, claim, observed=tuple(names), examined=len(self.filled.questions))

    def _note(self, claim: str, done: Sequence[Attempt]) -> None:
        granted, changed = sum(one.told.granted for one in done), sum(bool(one.changes) for one in done)
        seen = f"{len(done)} asked, {granted} granted, {changed} changed a limit"
        self._journal.note(INSTRUMENT, claim, observed=seen, examined=len(done))

    def _tell_unfilled(self) -> None:
        if self.filled.unfilled:
            claim = "what could not be asked, and why"
            self._journal.find(INSTRUMENT, claim, observed=self.filled.unfilled, examined=len(self.filled.unfilled))


def _in_order(questions: Sequence[Question]) -> tuple[Question, ...]:
    """What makes things comes before what removes them, and what removes people last of all."""
    return tuple(sorted(questions, key=lambda one: (one.operation.method == "DELETE", "members" in one.path)))


def _changes_a_budget(question: Question) -> bool:
    about = bool(question.operation.words & BUDGETS)
    return about and (question.operation.method == "DELETE" or any(name in (question.body or {}) for name in LIMITS))


def _limiting(questions: Sequence[Question]) -> Iterator[Question]:
    return (one for one in questions if one.body is not None and any(name in one.body for name in LIMITS))


def _tried(doorway: Doorway, held: Holdings, question: Question, *, written: str | None = None) -> Attempt:
    told = doorway.ask(question, written=written)
    return Attempt(told=told, changes=held.changes())


def _pushed(doorway: Doorway, held: Holdings, question: Question, fields: Mapping[str, object]) -> Iterator[Attempt]:
    """A question with every field beside it; where that is not granted, as it is, and with each alone if that is.

    Who is nobody to the platform is so whatever they ask, once with all of it is enough.
    """
    if question.operation.method == "DELETE":
        yield _tried(doorway, held, question)
        return
    body = question.body or {}
    beside = {name: value for name, value in fields.items() if name not in body}
    together = _tried(doorway, held, _with(question, beside))
    yield together
    if together.told.granted or together.told.status == HTTPStatus.UNAUTHORIZED:
        return
    plain = _tried(doorway, held, question)
    yield plain
    if plain.told.granted:
        for name, value in beside.items():
            yield _tried(doorway, held, _with(question, {name: value}))


def _with(question: Question, beside: Mapping[str, object]) -> Question:
    label = f"{question.label} with {', '.join(beside)} beside"
    return replace(question, body={**(question.body or {}), **beside}, label=label)


def _written(doorway: Doorway, held: Holdings, question: Question, raw: str) -> Attempt:
    body = {name: _PLACE if name in LIMITS else value for name, value in (question.body or {}).items()}
    asked = replace(question, label=f"{question.label} with a limit of {raw}")
    return _tried(doorway, held, asked, written=json.dumps(body).replace(json.dumps(_PLACE), raw))


def _recorded(doorway: Doorway, held: Holdings, question: Question) -> Recorded:
    told = doorway.ask(question)
    return Recorded(told=str(told), stored=held.costs_changed())


def _recorded_by(way: str, record: Callable[[], None], who: str, held: Holdings) -> Recorded:
    try:
        record()
        told = f"{way} of {who} was taken"
    except PlatformMisbehaved as error:
        told = f"{way} of {who}: {error}"
    return Recorded(told=told, stored=held.costs_changed())
