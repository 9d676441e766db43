"""Refusals sorted by their ground, whatever status code a platform gives them."""

import json
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Final, cast

from harness.journal import Journal
from harness.targets.http import Answer
from harness.targets.terms import Ground, Refusal, Reply

INSTRUMENT: Final = "driver"
_SHOWN: Final = 300
_ACCESS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
# Who may not come in, or names nothing that is there, was not refused for a budget.
_NEVER_BUDGET: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
_BUDGET: Final = "budget"
_NEEDED: Final = "needed"


def reply(answer: Answer, journal: Journal, claim: str, *, also: Collection[int] = ()) -> Reply:
    """What the platform said to something it may refuse, noted under a claim.

    PlatformMisbehaved for a server error, unless its status is one of `also`, and for an operation that is not there.
    """
    if answer.status not in also and (answer.broken or answer.status == HTTPStatus.METHOD_NOT_ALLOWED):
        raise answer.unlike("success or a refusal")
    refusal = None if answer.accepted else _refusal(answer.status, answer.text, answer.body)
    said = "done" if refusal is None else f"refused ({refusal.ground}): {refusal.words}"
    journal.note(INSTRUMENT, claim, observed=f"{answer.status} {said}", examined=1)
    return Reply(operation=answer.operation, status=answer.status, refusal=refusal)


def blocked(answer: Answer, problem: object, journal: Journal, claim: str) -> Reply:
    """What the platform said about one of several things in an answer that did others: the refusal is the problem.

    A problem that names no status of its own counts as a conflict with what is stored.
    """
    named = [status for part in _documents(problem) if isinstance(status := part.get("status"), int)]
    given = next(iter(named), HTTPStatus.CONFLICT.value)
    refusal = _refusal(given, json.dumps(problem), problem)
    said = f"{answer.status} blocked ({refusal.ground}): {refusal.words}"
    journal.note(INSTRUMENT, claim, observed=said, examined=1)
    return Reply(operation=answer.operation, status=given, refusal=refusal)


def _refusal(status: int, text: str, body: object) -> Refusal:
    needed = _needed(body)
    ground = _ground(status, text, names_amount=needed is not None)
    return Refusal(ground=ground, words=" ".join(text.split())[:_SHOWN], needed=needed)


def _ground(status: int, text: str, *, names_amount: bool) -> Ground:
    client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    # A request that makes no sense may speak of a budget too, but not of what would have been needed.
    sensible = status != HTTPStatus.UNPROCESSABLE_ENTITY or names_amount
    if client_error and sensible and status not in _NEVER_BUDGET and _BUDGET in text.lower():
        return "budget"
    if status in _ACCESS:
        return "access"
    return "state" if status == HTTPStatus.CONFLICT else "other"


def _needed(body: object) -> float | None:
    """The amount that a refusal names as needed, at its top or one level below."""
    for document in _documents(body):
        amount = document.get(_NEEDED)
        if isinstance(amount, int | float | str) and not isinstance(amount, bool):
            return _number(amount)
    return None


def _documents(body: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(body, dict):
        return ()
    top = cast("Mapping[str, object]", body)
    return (top, *(cast("Mapping[str, object]", below) for below in top.values() if isinstance(below, dict)))


def _number(amount: float | str) -> float | None:
    try:
        return float(amount)
    except ValueError:
        return None
