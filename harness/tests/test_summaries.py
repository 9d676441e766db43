"""A final summary that a platform says it does not offer is none that could be slow."""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import pytest

from fixtures.stock import Due, Pile, Stock
from fixtures.timing import Summaries
from fixtures.workshop import Place
from harness.errors import LacksCapability, PlatformLacks, PlatformMisbehaved, PlatformOffersNone
from harness.journal import Journal
from harness.targets.platform import Platform
from harness.targets.terms import Call, Stopwatch, Summary

PLACE = Place(project="p", spec="s", agent="a", provider="openai", model="m")
CALL = Call(provider="openai", model="m", prompt_tokens=1, completion_tokens=1)


@dataclass
class Asked:
    """A platform that sums costs, but for those of a completed spec, and the piles that stand there."""

    refusal: PlatformMisbehaved

    def begin(self, phase: object) -> Pile:
        """One cost."""
        del phase
        return Pile(place=PLACE, task="k", phase="requirements", call=CALL, key="1")

    def begin_at_work(self) -> Pile:
        """What is asked for next when nothing was refused."""
        raise PlatformMisbehaved("no task can be run", operation="run")

    def fill(self, pile: Pile, number: int) -> None:
        """Nothing is copied."""

    def due(self, pile: Pile) -> Due:
        """What stands there."""
        del pile
        return Due(records=1, total=Decimal(1))

    def clock(self, stopwatch: Stopwatch) -> None:
        """Nobody looks at it."""

    def ticket_of(self, task_id: str) -> str:
        """The one there is."""
        del task_id
        return "t"

    def refused(self, *asked: object) -> Summary:
        """Nothing that works."""
        del asked
        raise self.refusal

    summary = costs_of_spec = final_costs_of_spec = refused


def summaries(refusal: PlatformMisbehaved) -> Summaries:
    """Summaries at a platform that answers so."""
    asked = Asked(refusal)
    return Summaries(Journal(), cast("Stock", asked), cast("Platform", asked))


def test_what_a_platform_says_it_lacks_is_not_applicable() -> None:
    """By its own description there is no final summary: that is judged elsewhere, and nothing of it is slow."""
    with pytest.raises(LacksCapability, match="offers no way"):
        summaries(PlatformLacks("the platform offers no way to", operation="sum")).completed()


@pytest.mark.parametrize("refusal", [PlatformOffersNone, PlatformMisbehaved])
def test_a_refusal_alone_is_no_word_of_a_lack(refusal: type[PlatformMisbehaved]) -> None:
    """The spec is not completed yet, which may well be why: a completed one is made and asked about."""
    with pytest.raises(PlatformMisbehaved, match="no task can be run"):
        summaries(refusal("404", operation="sum")).completed()
