"""Steps about the tests that the platform brings along."""

from pytest_bdd import given, parsers, then, when

from fixtures.own_tests import PHRASE
from harness.probes.own_tests import OwnTest, OwnTests
from harness.services.browser import Chromium


@given("a browser that opens pages", target_fixture="chromium_at_hand")
def _(chromium: Chromium) -> Chromium:
    # Without one, nothing follows from a test that wants one.
    return chromium


@when(parsers.parse(PHRASE), target_fixture="own_test")
def _(own_tests: OwnTests, name: str) -> OwnTest:
    return own_tests.named(name)


@then("it is there and passes")
def _(own_test: OwnTest) -> None:
    assert own_test.ending != "missing", f"{own_test.because}, which section 6 of the document names"
    assert own_test.ending == "passed", f"{own_test.name} does not pass ({own_test.ending}): {own_test.because}"


@then("it executes an assertion")
def _(own_test: OwnTest) -> None:
    assert own_test.assertions, f"{own_test.name} passes without having executed one assertion, whatever it does"
