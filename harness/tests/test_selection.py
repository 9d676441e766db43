"""A selection names requirements, criteria or checks; a name that is not there is refused."""

import pytest

from harness import plan
from harness.errors import Misuse
from harness.model import Profile
from harness.tests.record import check, criterion, requirement

A, B = check("REQ-A-001.1/a[1]"), check("REQ-A-001.1/a[2]")
H = check("REQ-A-001.2/h", profile="hardened")
LIKE = check("REQ-A-001.11/a[1]")
SUITE = (requirement(criterion(1, A, B), criterion(2, H), criterion(11, LIKE)),)


@pytest.mark.parametrize(
    ("chosen", "profile", "required"),
    [
        ((), "core", (A, B, LIKE)),
        ((), "hardened", (A, B, H, LIKE)),
        (("REQ-A-001",), "core", (A, B, LIKE)),
        (("REQ-A-001.1",), "core", (A, B)),
        ((A.id,), "core", (A,)),
        ((A.id, "REQ-A-001.11"), "core", (A, LIKE)),
        ((H.id,), "core", ()),
        ((H.id,), "hardened", (H,)),
    ],
)
def test_what_is_named_is_required(chosen: tuple[str, ...], profile: Profile, required: tuple[object, ...]) -> None:
    """By requirement, criterion or check, within the profile, and nothing that only looks alike."""
    assert plan.make(SUITE, profile=profile, chosen=chosen).required == required


@pytest.mark.parametrize("name", ["REQ-A-002", "REQ-A-001.3", "REQ-A-001.1/a", "REQ-A", "", "REQ-A-001."])
def test_a_name_that_is_not_there_is_refused(name: str) -> None:
    """It would run nothing, or less than was meant."""
    with pytest.raises(Misuse, match="the suite has no"):
        plan.make(SUITE, profile="core", chosen=("REQ-A-001", name))


def test_only_lanes_with_checks_are_run() -> None:
    """Every check here is of the source lane."""
    assert plan.make(SUITE, profile="core", chosen=()).lanes == ("source",)
