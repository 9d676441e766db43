"""What one execution of a check came to: inconclusive until it is earned.

The table in the order of the rules. A pass needs an instrument that examined something; a failure needs the platform
to have erred in a step that may blame it; whatever else happens says nothing about the platform.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.errors import (
    CannotTell,
    DidNotCome,
    LacksCapability,
    PlatformLacks,
    PlatformMisbehaved,
    TargetDidNotStart,
)
from harness.model import Failed, Inconclusive, NotApplicable, Outcome, Passed, Reading

Stage = Literal["setup", "given", "when", "then", "teardown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a check ended: at which stage, with which exception, after which readings."""

    stage: Stage
    error: BaseException | None
    readings: Sequence[Reading]


def came_to(ending: Ending, *, canary: Callable[[str], bool]) -> Outcome:  # noqa: PLR0911 - one for each row of the table
    """Give the outcome of a check; `canary` tries a channel of the harness's own and tells whether it is alive."""
    error = ending.error
    match error:
        case None:
            return _completed(ending)
        case CannotTell():
            return Inconclusive(because=str(error))
        case LacksCapability():
            return _lacks(ending, error)
        case DidNotCome():
            return _did_not_come(ending, error, canary=canary)
        case PlatformMisbehaved():
            return _misbehaved(ending, error)
        case AssertionError() if ending.stage == "then":
            return Failed(because=str(error) or "an assertion without a message did not hold")
        case _:
            return Inconclusive(because=f"the harness could not go on in {ending.stage}: {_described(error)}")


def mask(ending: Ending) -> str | None:
    """Name the platform's operation that hid what the check wanted to see, if that is what happened."""
    error = ending.error
    return error.operation if isinstance(error, PlatformMisbehaved) and not _may_blame(ending) else None


def _may_blame(ending: Ending) -> bool:
    # A platform that does not start is judged where starting is the subject, not by everything that needs it running.
    if isinstance(ending.error, PlatformLacks):
        return ending.stage in ("given", "when", "then")
    return ending.stage in ("when", "then") and not isinstance(ending.error, TargetDidNotStart)


def _completed(ending: Ending) -> Outcome:
    if any(reading.examined > 0 for reading in ending.readings):
        return Passed()
    return Inconclusive(because="no instrument examined anything")


def _lacks(ending: Ending, error: LacksCapability) -> Outcome:
    if any(reading.examined > 0 for reading in ending.readings):
        return NotApplicable(because=str(error))
    return Inconclusive(because=f"nothing was examined before this was said: {error}")


def _did_not_come(ending: Ending, error: DidNotCome, *, canary: Callable[[str], bool]) -> Outcome:
    if not canary(error.channel):
        return Inconclusive(because=f"{error}; the harness's own sign on {error.channel} did not come either")
    if ending.stage in ("when", "then"):
        return Failed(because=f"{error}; the harness's own sign on {error.channel} did come")
    return Inconclusive(because=str(error))


def _misbehaved(ending: Ending, error: PlatformMisbehaved) -> Outcome:
    if _may_blame(ending):
        return Failed(because=str(error))
    # What a worker says begins with what it was asked.
    said = str(error).removeprefix(f"{error.operation}: ")
    return Inconclusive(because=f"hidden by {error.operation}: {said}")


def _described(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__
