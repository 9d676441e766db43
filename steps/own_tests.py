"""Steps about the tests that the platform brings along."""

from collections.abc import Sequence

from pytest_bdd import given, parsers, then, when

from fixtures.own_tests import COUNTED, PHRASE, WHOLE
from harness.probes.coverage import Coverage, UnitCoverage
from harness.probes.own_tests import OwnTest, OwnTests
from harness.probes.unit_tests import Mishap, UnitTests
from harness.services.browser import Chromium

_MOST_SHOWN = 5


@given("a browser that opens pages", target_fixture="chromium_at_hand")
def _(chromium: Chromium) -> Chromium:
    # Without one, nothing follows from a test that wants one.
    return chromium


@when(parsers.parse(PHRASE), target_fixture="own_test")
def _(own_tests: OwnTests, name: str) -> OwnTest:
    return own_tests.named(name)


@when(parsers.parse("its place is compared with {place}"))
def _(own_tests: OwnTests, own_test: OwnTest, place: str) -> None:
    own_tests.placed(own_test.name, place)


@then("it is there and passes")
def _(own_test: OwnTest) -> None:
    assert own_test.ending != "missing", f"{own_test.because}, which section 6 of the document names"
    assert own_test.ending == "passed", f"{own_test.name} does not pass ({own_test.ending}): {own_test.because}"


@then("it executes an assertion")
def _(own_test: OwnTest) -> None:
    assert own_test.assertions, f"{own_test.name} passes without having executed one assertion, whatever it does"


@when(WHOLE, target_fixture="mishaps")
def _(unit_tests: UnitTests) -> Sequence[Mishap]:
    return unit_tests.failing()


@then("none of them fails")
def _(mishaps: Sequence[Mishap]) -> None:
    shown = "; ".join(map(str, mishaps[:_MOST_SHOWN]))
    assert not mishaps, f"the platform's unit tests do not all pass: {shown}"


@when(COUNTED, target_fixture="unit_coverage")
def _(coverage: Coverage) -> UnitCoverage:
    return coverage.of_the_cost_module()


@then("there are unit tests, and some of them pass")
def _(unit_coverage: UnitCoverage) -> None:
    assert unit_coverage.passing, f"no unit test of the platform passes: {unit_coverage.happened}"


@then("they execute more than 90 percent of the lines")
def _(unit_coverage: UnitCoverage) -> None:
    seen = f"{unit_coverage.lines}; {unit_coverage.happened}"
    assert unit_coverage.lines.suffices, f"unit tests execute too little of the cost-tracking module: {seen}"
