"""Steps about the page: what people see there who look at it."""

from pytest_bdd import given, parsers, then, when

from fixtures.page import Exhibit, Lookout, Onlooker, View
from harness.targets.terms import BudgetScope


@given("two specs of a project with different costs and another project's costs beside them", target_fixture="exhibits")
def _(onlooker: Onlooker) -> tuple[Exhibit, ...]:
    return onlooker.exhibits(2)


@when("somebody opens the page about the project at each of the specs", target_fixture="views")
def _(onlooker: Onlooker, exhibits: tuple[Exhibit, ...]) -> tuple[View, ...]:
    return tuple(map(onlooker.look, exhibits))


@given("somebody looks at the page and sees what each of the specs cost", target_fixture="views")
def _(onlooker: Onlooker, exhibits: tuple[Exhibit, ...]) -> tuple[View, ...]:
    views = tuple(map(onlooker.look, exhibits))
    for view in views:
        view.shown()
    return views


@when("both specs cost more and the page is loaded again", target_fixture="views")
def _(onlooker: Onlooker, exhibits: tuple[Exhibit, ...], views: tuple[View, ...]) -> tuple[View, ...]:
    for exhibit in exhibits:
        onlooker.spend(exhibit)
    for view in views:
        view.visit.reload()
    pairs = zip(views, exhibits, strict=True)
    return tuple(View(visit=view.visit, guide=view.guide, total=onlooker.total(one)) for view, one in pairs)


@then("the page shows the total that the API answers for each of the specs")
def _(views: tuple[View, ...]) -> None:
    for view in views:
        shown = view.shown()
        assert shown.tells(view.total), (
            f"the page shows {shown.text!r} as the running total of a spec for which the API answers {view.total} USD"
        )


@given(
    parsers.parse("somebody looks at the page while the budget of a {kind} is spent to {percent:d} percent"),
    target_fixture="lookout",
)
def _(onlooker: Onlooker, kind: BudgetScope, percent: int) -> Lookout:
    return onlooker.look_out(kind, percent=percent)


@given(parsers.parse("the page told them of a cost that took it to {percent:d} percent"), target_fixture="lookout")
def _(lookout: Lookout, percent: int) -> Lookout:
    lookout.purse.spend(percent)
    return lookout.await_alert()


@when(parsers.parse("a cost takes the budget that they look at to {percent:d} percent"))
def _(lookout: Lookout, percent: int) -> None:
    lookout.purse.spend(percent)


@then("an alert that was not there before appears on the page")
def _(lookout: Lookout) -> None:
    lookout.await_alert()


@then("the page is still the one that was loaded")
def _(lookout: Lookout) -> None:
    assert lookout.view.visit.is_as_loaded(), "the alert came with a page that was loaded anew"
