"""Steps about starts that lack something which the platform imports."""

from pytest_bdd import given, parsers, then, when

from fixtures.startup import PHRASE, WAYS
from harness.observe.breaking import Kind
from harness.probes.startup import Startup


@given("an untouched copy of the platform that starts and answers", target_fixture="tried")
def _(startup: Startup) -> Startup:
    return startup


@when(parsers.parse(PHRASE), target_fixture="kind")
def _(how: str) -> Kind:
    return WAYS[how]


@then("each of them ends by itself with a non-zero code in time, and no port answers")
def _(tried: Startup, kind: Kind) -> None:
    wrong = tried.unstopped(kind)
    assert not wrong, f"starts that lack something do not stop with an error: {'; '.join(wrong)}"


@then("each of them names in its output what it lacks")
def _(tried: Startup, kind: Kind) -> None:
    wrong = tried.unnamed(kind)
    assert not wrong, f"starts that lack something do not say what: {'; '.join(wrong)}"
