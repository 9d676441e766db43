"""The table of outcomes: inconclusive until a pass is earned or the platform is shown to have erred."""

from collections.abc import Callable
from typing import get_args

import pytest

from harness import outcome
from harness.errors import (
    CannotTell,
    DidNotCome,
    LacksCapability,
    OutOfReach,
    PlatformLacks,
    PlatformMisbehaved,
    TargetDidNotStart,
)
from harness.model import Failed, Inconclusive, NotApplicable, Outcome, Passed, Reading
from harness.outcome import Ending, Stage

STAGES: tuple[Stage, ...] = get_args(Stage)
SEEN = Reading(instrument="ruler", claim="length", observed=3, examined=1)
NOTHING = Reading(instrument="ruler", claim="length", observed=3, examined=0)


def judged(
    stage: Stage, error: BaseException | None, *readings: Reading, canary: Callable[[str], bool] = bool
) -> Outcome:
    """Give the outcome of a check that ended like this; the canary is seen unless told otherwise."""
    return outcome.came_to(Ending(stage=stage, error=error, readings=readings), canary=canary)


def refused() -> PlatformMisbehaved:
    """Make a refusal by the platform."""
    return PlatformMisbehaved("409 for a task that exists", operation="create_task")


def test_something_examined_passes() -> None:
    """A completed check passes with one reading over at least one thing."""
    assert judged("then", None, NOTHING, SEEN) == Passed()


@pytest.mark.parametrize("readings", [(), (NOTHING,)])
def test_nothing_examined_is_inconclusive(readings: tuple[Reading, ...]) -> None:
    """A completed check without such a reading says nothing."""
    assert judged("then", None, *readings) == Inconclusive(because="no instrument examined anything")


def test_an_assertion_in_then_fails() -> None:
    """An assertion in a running `then` is about the platform, and its words are kept."""
    assert judged("then", AssertionError("it is 4 long"), SEEN) == Failed(because="it is 4 long")
    assert judged("then", AssertionError(), SEEN) == Failed(because="an assertion without a message did not hold")


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "then"])
def test_an_assertion_elsewhere_is_inconclusive(stage: Stage) -> None:
    """An assertion anywhere else is a fault of the harness."""
    assert isinstance(judged(stage, AssertionError("ours"), SEEN), Inconclusive)


@pytest.mark.parametrize("stage", ["given", "when", "then"])
def test_what_the_platform_lacks_fails_wherever_it_comes_up(stage: Stage) -> None:
    """It is what there is to be seen, and hides nothing."""
    ending = Ending(stage=stage, error=PlatformLacks("offers no way to", operation="sum"), readings=())
    assert isinstance(judged(stage, ending.error), Failed)
    assert outcome.mask(ending) is None


def test_what_is_out_of_reach_says_nothing() -> None:
    """What a platform does elsewhere cannot be had here, which is not its fault."""
    assert isinstance(judged("when", OutOfReach("its agents work elsewhere"), SEEN), Inconclusive)


@pytest.mark.parametrize("stage", ["when", "then"])
def test_a_misbehaving_platform_fails(stage: Stage) -> None:
    """A refusal counts against the platform where the check looks at it, and masks nothing."""
    ending = Ending(stage=stage, error=refused(), readings=())
    assert isinstance(judged(stage, refused()), Failed)
    assert outcome.mask(ending) is None


@pytest.mark.parametrize("stage", ["setup", "given", "teardown"])
def test_a_platform_that_misbehaves_beforehand_masks(stage: Stage) -> None:
    """While the scene is set, a refusal hides what the check wanted to see."""
    ending = Ending(stage=stage, error=refused(), readings=())
    assert isinstance(judged(stage, refused(), SEEN), Inconclusive)
    assert outcome.mask(ending) == "create_task"


@pytest.mark.parametrize("stage", STAGES)
def test_a_platform_that_does_not_start_masks_everywhere(stage: Stage) -> None:
    """Whether it starts is judged where starting is the subject."""
    error = TargetDidNotStart("it ended with code 1")
    assert isinstance(judged(stage, error, SEEN), Inconclusive)
    assert outcome.mask(Ending(stage=stage, error=error, readings=())) == "start"


@pytest.mark.parametrize("stage", STAGES)
def test_what_cannot_be_told_is_inconclusive_anywhere(stage: Stage) -> None:
    """An instrument that could not look may say so at any stage."""
    assert judged(stage, CannotTell("no browser"), SEEN) == Inconclusive(because="no browser")


@pytest.mark.parametrize(("stage", "kind"), [("when", Failed), ("then", Failed), ("given", Inconclusive)])
def test_what_did_not_come_counts_while_the_canary_lives(stage: Stage, kind: type[Outcome]) -> None:
    """The channel works, so the platform sent nothing."""
    assert isinstance(judged(stage, DidNotCome("no event", channel="bus"), SEEN), kind)


@pytest.mark.parametrize("stage", STAGES)
def test_what_did_not_come_is_unknown_without_the_canary(stage: Stage) -> None:
    """The channel may be dead, so nothing follows."""
    error = DidNotCome("no event", channel="bus")
    assert isinstance(judged(stage, error, SEEN, canary=lambda channel: channel != "bus"), Inconclusive)


def test_a_missing_capability_needs_a_look() -> None:
    """Not applicable is said by an instrument that looked, else it is only a claim."""
    error = LacksCapability("no relationship is declared")
    assert judged("then", error, SEEN) == NotApplicable(because="no relationship is declared")
    assert isinstance(judged("then", error, NOTHING), Inconclusive)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("error", [ConnectionRefusedError("5432"), SystemExit(0), KeyError("x")])
def test_any_other_trouble_is_the_harnesss(stage: Stage, error: BaseException) -> None:
    """Services of ours, bugs of ours: inconclusive, with the stage named."""
    found = judged(stage, error, SEEN)
    assert isinstance(found, Inconclusive)
    assert f"the harness could not go on in {stage}: {type(error).__name__}" in found.because
