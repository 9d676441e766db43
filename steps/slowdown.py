"""Steps about how long spec runs take with cost tracking, beside the same without it."""

from pytest_bdd import given, parsers, then, when

from harness.errors import CannotTell
from harness.probes.slowdown import Measured, Slowdown


@given("the platform and a baseline of it without cost tracking, both of which have run a spec")
def _(slowdown: Slowdown) -> None:
    slowdown.warm_up()


@when(
    parsers.parse(
        "both run specs by turns until it is clear on which side of {limit:g} % the platform's slowdown lies"
    ),
    target_fixture="measured",
)
def _(slowdown: Slowdown, limit: float) -> Measured:
    return slowdown.measure(limit)


@then(parsers.parse("a run with cost tracking takes less than {limit:g} % longer"))
def _(measured: Measured, limit: float) -> None:
    seen = f"{measured.longer} by {len(measured.pairs)} pairs of runs"
    if measured.side == "either":
        raise CannotTell(
            f"the slowdown of a spec run by cost tracking is {seen}, and may lie on either side of {limit:g} %",
            causes=(f"a slowdown below {measured.told:.1f} % could not be told from {limit:g} % on this machine",),
            hint="run it again while the machine has nothing else to do",
        )
    assert measured.longer.side(limit) == "below", (
        f"a spec run must take less than {limit:g} % longer with cost tracking than without, and takes {seen}; "
        "the recording of a call stands in the way of the next one"
    )
