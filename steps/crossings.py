"""Steps about budgets whose costs are recorded at two instances of the platform, by turns or at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle, product

from pytest_bdd import given, parsers, then, when

from fixtures.alerts import Alarms, Purse
from harness.errors import CannotTell, PlatformMisbehaved
from harness.observe.cost_records import TABLE
from harness.observe.standstill import Standstill
from harness.targets.platform import Platform
from harness.targets.terms import BudgetScope
from steps.alerts import Filling, once


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossings:
    """Purses with a watched budget each, and the instances where their costs are recorded."""

    alarms: Alarms
    purses: Sequence[Purse]
    instances: tuple[Platform, Platform]


@given("a second instance of the platform", target_fixture="instances")
def _(watch: Filling, second_platform: Platform) -> tuple[Platform, Platform]:
    watch.alarms.fence_at(second_platform)
    return watch.alarms.platform, second_platform


@given(
    parsers.parse("{number:d} projects with a watched budget each, of which {before:d} % is spent, with noise around"),
    target_fixture="crossings",
)
def _(
    new_alarms: Callable[[BudgetScope], Alarms], at_second: Callable[[], Platform], number: int, before: int
) -> Crossings:
    alarms = new_alarms("project")
    second_platform = at_second()
    alarms.fence_at(second_platform)
    purses = [alarms.purse(alarms.spec(), ["project"]) for _ in range(number)]
    for purse in purses:
        purse.spend(before)
    return Crossings(alarms=alarms, purses=purses, instances=(alarms.platform, second_platform))


@when(parsers.re(r"costs take the budget to (?P<marks>[\d, ]+) %, by turns at the two instances"))
def _(watch: Filling, instances: tuple[Platform, Platform], marks: str) -> None:
    for mark, instance in zip(marks.split(","), cycle(instances)):
        watch.purse.spend(int(mark), at=instance)


@when(
    parsers.parse(
        "two costs of {percent:d} % each meet on their way into one budget after another, each at its own instance"
    )
)
def _(crossings: Crossings, standstill: Standstill, percent: int) -> None:
    # They are held up at whatever they write first, or at what they write beside their own row; costs of one task may
    # stand in line for a reason of the platform's own, and those of two tasks need not.
    first, second = crossings.instances
    for purse, (task, passing) in zip(crossings.purses, product((0, 1), ((), (TABLE,))), strict=True):
        costs = (partial(purse.add, percent, at=first), partial(purse.add, percent, at=second, task=task))
        meet(costs, standstill=standstill, passing=passing)


@then(parsers.re(r"(?P<event_type>budget\.\w+) tells each of the budgets exactly once"))
def _(crossings: Crossings, event_type: str) -> None:
    for purse in crossings.purses:
        once(crossings.alarms, event_type, purse.budget.is_told_by, whose="a budget that two costs met at")


def meet(costs: Sequence[Callable[[], None]], *, standstill: Standstill, passing: Sequence[str]) -> None:
    """Have costs recorded at once, held up until all are there; tables that pass are not held."""
    with ThreadPoolExecutor(len(costs)) as pool:
        with standstill.held(passing=passing):
            under_way = [pool.submit(cost) for cost in costs]
        try:
            for one in under_way:
                one.result()
        except PlatformMisbehaved as error:
            # It was us who held it up, and it may give up waiting.
            raise CannotTell("the platform did not go on after it was held up", causes=(str(error),)) from error
