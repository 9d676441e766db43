"""Refusals are sorted by their ground, whatever status code a platform gives them."""

import json

import pytest

from fixtures import workshop
from harness.errors import PlatformKeptSilent, PlatformMisbehaved, PlatformOffersNone
from harness.journal import Journal
from harness.targets import replies
from harness.targets.http import Answer
from harness.targets.terms import Ground, Reply

BUDGET = {"detail": "The Budget of this spec is used up", "needed": 0.5}


def answered(status: int, body: object) -> Reply:
    """Let a platform answer so."""
    answer = Answer(operation="POST /anything", status=status, body=body, text=json.dumps(body))
    return replies.reply(answer, Journal(), "something is asked")


@pytest.mark.parametrize("status", [400, 402, 403, 409, 422, 423, 429])
def test_who_speaks_of_a_budget_refuses_for_it(status: int) -> None:
    """Any status of a client's error will do, and the amount named is read."""
    refusal = answered(status, BUDGET).refusal
    assert refusal is not None
    assert (refusal.ground, refusal.needed) == ("budget", 0.5)


@pytest.mark.parametrize(
    ("status", "ground"), [(401, "access"), (403, "access"), (404, "access"), (409, "state"), (422, "other")]
)
def test_other_refusals_are_sorted_by_their_status(status: int, ground: Ground) -> None:
    """Who may not come in, what stands against it, and what makes no sense."""
    refusal = answered(status, {"detail": "no"}).refusal
    assert refusal is not None
    assert refusal.ground == ground


@pytest.mark.parametrize(
    ("status", "body"), [(401, BUDGET), (404, BUDGET), (422, {"detail": "no budget is called so"})]
)
def test_a_request_that_never_got_so_far_is_not_refused_for_a_budget(status: int, body: object) -> None:
    """That a budget is mentioned does not make it the reason; who finds no sense names no amount that was needed."""
    refusal = answered(status, body).refusal
    assert refusal is not None
    assert refusal.ground != "budget"


@pytest.mark.parametrize("status", [405, 500, 502, 503])
def test_a_platform_that_fails_does_not_refuse(status: int) -> None:
    """A server error, or an operation that is not there, is no answer; also when it speaks of a budget."""
    with pytest.raises(PlatformMisbehaved):
        answered(status, BUDGET)


def test_whoever_is_answered_with_an_error_was_told_and_who_hears_nothing_was_not() -> None:
    """A server error is a way to refuse; silence and an operation that is not there are none."""
    assert workshop.taken(lambda: answered(202, {}))
    assert not workshop.taken(lambda: answered(409, {}))
    assert not workshop.taken(lambda: answered(500, {}))
    with pytest.raises(PlatformMisbehaved):
        workshop.taken(lambda: answered(405, {}))
    with pytest.raises(PlatformKeptSilent):
        workshop.taken(silence)


def silence() -> Reply:
    """Let a platform not answer at all."""
    raise PlatformKeptSilent("nothing came", operation="POST /anything")


def test_a_success_is_granted() -> None:
    """Whoever does as asked refuses nothing."""
    assert answered(202, {"status": "assigned"}).granted


@pytest.mark.parametrize("body", [{"problem": {"needed": "0.5"}}, {"needed": "0.5"}, {"needed": 0.5}])
def test_the_amount_needed_may_be_text_or_one_level_below(body: object) -> None:
    """Amounts are read where platforms put them."""
    refusal = answered(409, body).refusal
    assert refusal is not None
    assert refusal.needed == 0.5


@pytest.mark.parametrize("body", [None, [], {"needed": None}, {"needed": True}, {"needed": "much"}, {"needed": {}}])
def test_no_amount_is_read_where_none_is(body: object) -> None:
    """What is no amount is None."""
    refusal = answered(409, body).refusal
    assert refusal is not None
    assert refusal.needed is None


@pytest.mark.parametrize(
    ("problem", "ground", "status"),
    [({**BUDGET, "status": 409}, "budget", 409), ("not in its phase", "state", 409), ({"status": 403}, "access", 403)],
)
def test_a_part_may_be_blocked_in_a_success(problem: object, ground: Ground, status: int) -> None:
    """What was not done among other things that were is a refusal of its own."""
    answer = Answer(operation="POST /execute", status=200, body={}, text="{}")
    blocked = replies.blocked(answer, problem, Journal(), "something is asked")
    assert blocked.refusal is not None
    assert (blocked.refusal.ground, blocked.status) == (ground, status)


@pytest.mark.parametrize(
    ("status", "offered"),
    [(404, False), (405, False), (501, False), (400, False), (422, False), (500, True), (503, True), (409, True)],
)
def test_only_who_says_so_offers_nothing(status: int, offered: bool) -> None:
    """What breaks or refuses is there."""
    answer = Answer(operation="GET /costs/summary", status=status, body=None, text="no")
    assert isinstance(answer.unlike("success"), PlatformOffersNone) is not offered
