"""Tells who is shown what of a scene's costs, by every operation of the platform that is about money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import traces
from harness.observe.doorway import Doorway, House, Told
from harness.observe.filling import WIDE, Filled, Question
from harness.observe.traces import Marks

INSTRUMENT: Final = "access"
_MOST_SHOWN: Final = 4
# The routes that the document's baseline fixes. What answers elsewhere may need another company, which is not here.
_COST_ROUTES: Final = "/api/v1/costs"
ADMINISTRATORS: Final = frozenset({"organisation admin", "organisation owner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Insiders:
    """What everybody who belongs to the scene was told, by their role."""

    told: Mapping[str, tuple[Told, ...]]

    def by(self, role: str) -> tuple[Told, ...]:
        """What somebody was told by their role; CannotTell when nobody stands so."""
        if role not in self.told:
            raise CannotTell(f"no token of somebody who is called {role} was given")
        return self.told[role]

    def of(self, label: str) -> list[Told]:
        """What each of them was told on one question."""
        return [one for told in self.told.values() for one in told if one.question.label == label]

    def shown(self, label: str) -> frozenset[str]:
        """The numbers of the scene that any of them was shown on one question."""
        return frozenset[str]().union(*(one.own.numbers for one in self.of(label)))

    def answered(self, label: str) -> bool:
        """Whether any of them was answered as asked."""
        return any(one.granted for one in self.of(label))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What an administrator of another organisation was told, and the numbers in it that the scene's own is told."""

    told: Told
    numbers: frozenset[str]

    def __str__(self) -> str:
        """One line for a report."""
        return (
            f"{self.told}, in which {', '.join(sorted(self.numbers)[:_MOST_SHOWN])} is what its own administrator sees"
        )


class Access:
    """The instrument of NFR-SEC-001."""

    def __init__(self, journal: Journal, house: House, filled: Filled, insiders: Insiders) -> None:
        self._journal = journal
        self._house = house
        self._filled = filled
        self.insiders = insiders

    @property
    def unasked(self) -> tuple[str, ...]:
        """What could not be asked, and why."""
        return self._filled.unfilled

    def insider(self, role: str) -> tuple[Told, ...]:
        """What somebody of the project was told on every question that shows any of them the scene's amounts.

        Scopes beyond one project are left out, streams too, which show what they like when they like, and for all but
        administrators what is asked of an agent.
        """
        self._demand_known(role, self.insiders.by(role))
        told = [one for one in self.insiders.by(role) if self.insiders.shown(one.question.label)]
        told = [one for one in told if one.question.scope not in WIDE and not one.question.operation.streams]
        if role not in ADMINISTRATORS:
            told = [one for one in told if "agent" not in one.question.kinds]
        self._note(f"what the {role} is shown of the scene", told, examined=len(told))
        return tuple(told)

    def failing(self) -> tuple[str, ...]:
        """The questions of the cost routes that are neither answered nor refused, whoever of the project asks."""
        asked = [one for one in self._filled.questions if one.operation.path.startswith(_COST_ROUTES)]
        told = {one.label: self.insiders.of(one.label) for one in asked}
        failing = [label for label, every in told.items() if every and all(one.broken for one in every)]
        claim = "questions of the cost routes that fail whoever asks"
        self._journal.note(INSTRUMENT, claim, observed=len(failing), examined=len(told))
        return tuple(map(self._silence, failing))

    def wide(self, role: str) -> tuple[Told, ...]:
        """What somebody was told on scopes beyond one project, where anybody is shown other than zeros."""
        if self._house.deployed and role not in ADMINISTRATORS:
            raise CannotTell(f"whether the {role} holds a role in the organisation as well cannot be seen there")
        self._demand_known(role, self.insiders.by(role))
        shown = {one.question.label for told in self.insiders.told.values() for one in told if one.money}
        told = [one for one in self.insiders.by(role) if one.question.scope in WIDE and one.question.label in shown]
        self._note(f"what the {role} is shown of global, agent and phase scopes", told, examined=len(told))
        return tuple(told)

    def beyond(self, role: str) -> tuple[Told, ...]:
        """The answers in which somebody was shown limits of scopes beyond one project, whatever they asked."""
        told = self.insiders.by(role)
        shown = tuple(one for one in told if one.beyond)
        seen = f"{len(shown)} of {len(told)} answers"
        known = sum(bool(one.beyond) for told in self.insiders.told.values() for one in told)
        self._journal.note(
            INSTRUMENT, f"limits beyond one project that the {role} is shown", observed=seen, examined=known
        )
        return shown

    def abroad(self, who: str, token: str | None, own: str | None, sums: Marks) -> tuple[Shared, ...]:
        """What is told of scopes beyond one project to an administrator elsewhere, beside what our own is told then.

        Only limits and costs count, and what costs add up to: a clock or a setting may be everybody's. Limits of
        global and phase scope are left out, since they may be those of the whole installation.
        """
        known = self._house.own.numbers | self._house.to_administrators().beyond.numbers | sums.numbers
        asked = [one for one in self._filled.questions if one.scope in WIDE and not one.spans_limits]
        with Doorway(self._house, token, who=who) as theirs, Doorway(self._house, own, who="our own") as ours:
            pairs = [(theirs.ask(one), ours.ask(one)) for one in asked]
        compared = [
            (their, numbers) for their, our in pairs if our.granted and (numbers := traces.numbers_of(our.text) & known)
        ]
        told = [their for their, _ in compared]
        self._note(f"what {who} is shown of global, agent and phase scopes", told, examined=len(told))
        shared = [Shared(told=one, numbers=_numbers(one) & numbers) for one, numbers in compared if one.granted]
        return tuple(one for one in shared if one.numbers)

    def unfiltered(self, role: str) -> tuple[Told, ...]:
        """What somebody of the project was told who named nothing."""
        if self._house.deployed:
            raise CannotTell("no costs of another organisation are known there, so they could not be recognised")
        told = [one for one in self.insiders.by(role) if not one.question.given and one.question.scope not in WIDE]
        self._note(f"what the {role} is shown without a filter", told, examined=len(told))
        return tuple(told)

    def shows_all(self, told: Told) -> bool:
        """Whether an answer shows every number of the scene that anybody was shown."""
        return told.own.numbers >= self.insiders.shown(told.question.label)

    def told_inside(self, told: Told) -> bool:
        """Whether an answer is the very one, and no empty one, that somebody of the project was given."""
        return (
            told.granted
            and told.substance
            and any(one.text == told.text for one in self.insiders.of(told.question.label))
        )

    def broken(self, told: Told) -> bool:
        """Whether somebody of the project was answered where this is neither an answer nor a refusal."""
        return self.insiders.answered(told.question.label) and told.broken

    def outsider(
        self, who: str, token: str | None, *, administers: bool = False, known: bool = True
    ) -> tuple[Told, ...]:
        """What somebody else is told on every question; those count that somebody of the project was answered.

        `known` tells that they are somebody to the platform.
        """
        house = self._house.to_administrators() if administers else self._house
        with Doorway(house, token, who=who) as doorway:
            told = [doorway.ask(question) for question in self._filled.questions]
        if known:
            self._demand_known(who, told)
        sound = sum(self.insiders.answered(one.question.label) for one in told)
        self._note(f"what {who} is told", told, examined=sound)
        return tuple(told)

    def by_way(self, who: str, token: str, questions: Sequence[Question]) -> tuple[Told, ...]:
        """What an owner of another project is told who names that one beside something of the scene."""
        with Doorway(self._house.to_administrators(), token, who=who) as doorway:
            told = tuple(doorway.ask(question) for question in questions)
        sound = sum(self.insiders.answered(one.question.label) for one in told)
        self._note(f"what {who} is told by way of their own project", told, examined=sound)
        return told

    def _demand_known(self, who: str, told: Sequence[Told]) -> None:
        """CannotTell when a token that was given for somebody says nothing of anybody: it may be an old one."""
        if self._house.deployed and all(one.status == HTTPStatus.UNAUTHORIZED for one in told):
            raise CannotTell(f"the token that was given for somebody who is called {who} lets nobody in anywhere")

    def _note(self, claim: str, told: Sequence[Told], *, examined: int) -> None:
        granted = sum(one.granted for one in told)
        seen = f"{len(told)} questions, {granted} answered, {sum(one.refused for one in told)} refused"
        self._journal.note(INSTRUMENT, claim, observed=seen, examined=examined)
        if self._filled.unfilled:
            claim = "what could not be asked, and why"
            self._journal.find(INSTRUMENT, claim, observed=self._filled.unfilled, examined=len(self._filled.unfilled))
        silent = [self._silence(label) for label in self._labels() if not self.insiders.answered(label)]
        if silent:
            claim = "questions that were answered to nobody of the project, and how, so that a refusal says nothing"
            self._journal.find(INSTRUMENT, claim, observed=tuple(silent), examined=len(silent))

    def _labels(self) -> list[str]:
        return [question.label for question in self._filled.questions]

    def _silence(self, label: str) -> str:
        """A question with the statuses of what all of them were told: a server's error is none of a refusal."""
        statuses = sorted({str(one.status or "no answer") for one in self.insiders.of(label)})
        return f"{label}: {', '.join(statuses)}"


def measure_insiders(house: House, filled: Filled, tokens: Mapping[str, str]) -> Insiders:
    """Ask every question in everybody's name who belongs to the scene; CannotTell when others work on it meanwhile."""
    told = {role: _asked(house, filled.questions, who=role, token=token) for role, token in tokens.items()}
    if house.deployed:
        role, token = next(iter(tokens.items()))
        _demand_rest(told[role], _asked(house, filled.questions, who=role, token=token))
    return Insiders(told=told)


def _numbers(told: Told) -> frozenset[str]:
    """The telling numbers of an answer that the asker did not name."""
    return traces.telling(told.text) - traces.telling(" ".join(told.question.given))


def _demand_rest(before: Sequence[Told], after: Sequence[Told]) -> None:
    pairs = zip(before, after, strict=True)
    moved = [one.question.label for one, then in pairs if not one.question.operation.streams and one.own != then.own]
    if moved:
        raise CannotTell(f"the project's costs changed while it was looked at ({moved[0]}): name one at rest")


def _asked(house: House, questions: Sequence[Question], *, who: str, token: str) -> tuple[Told, ...]:
    with Doorway(house, token, who=who) as doorway:
        return tuple(doorway.ask(question) for question in questions)
