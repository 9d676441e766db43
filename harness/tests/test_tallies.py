"""What counts for a success metric is counted once, and counted as wrong when it is."""

from typing import Final

import pytest

from fixtures.decisions import Decisions
from harness.journal import Journal
from harness.model import Tally
from harness.targets.terms import Ground, Refusal, Reply

GRANTED: Final = Reply(operation="start", status=200)


def refused(ground: Ground) -> Reply:
    """Refuse a start for a ground."""
    return Reply(operation="start", status=409, refusal=Refusal(ground=ground, words="no"))


@pytest.mark.parametrize(
    ("replies", "due", "right"),
    [
        ((GRANTED,), 1, 1),
        ((GRANTED,), 0, 0),
        ((refused("budget"),), 0, 1),
        ((refused("budget"),), 1, 0),
        ((refused("access"),), 0, 0),
        ((GRANTED, refused("budget"), refused("budget")), 1, 3),
        ((GRANTED, GRANTED, refused("budget")), 1, 2),
        ((refused("budget"), refused("budget"), refused("budget")), 1, 2),
        ((GRANTED, refused("state"), refused("budget")), 1, 2),
    ],
)
def test_a_decision_is_right_when_it_is_due_and_for_its_ground(
    replies: tuple[Reply, ...], due: int, right: int
) -> None:
    """One that lets too many or too few pass, or refuses for something else, counts as wrong."""
    journal = Journal()
    Decisions(journal).weigh(replies, due=due)
    assert journal.readings[0].tally == Tally(metric="budget-decisions", right=right, of=len(replies))
    assert journal.readings[0].examined == len(replies)
