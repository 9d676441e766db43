"""Steps about how long a platform takes to record a cost and to sum costs."""

from collections.abc import Sequence

from pytest_bdd import given, parsers, then, when

from fixtures.stock import Questions
from fixtures.timing import Recordings, Summaries
from harness.errors import CannotTell
from harness.probes.latency import Demand, Latency, Standing


@given("10,000 stored costs in a database whose commits last")
def _(recordings: Recordings) -> Recordings:
    return recordings


@given("9,999 stored costs of a spec in requirements and no others", target_fixture="questions")
def _(summaries: Summaries) -> Questions:
    return summaries.alone()


@given("9,999 stored costs of a spec in requirements among 100,000 of other scopes", target_fixture="questions")
def _(summaries: Summaries) -> Questions:
    return summaries.among_others()


@given(
    "a spec that was completed with 9,999 stored costs, among 100,000 of other scopes",
    target_fixture="questions",
)
def _(summaries: Summaries) -> Questions:
    return summaries.completed()


@when(
    parsers.parse(
        "costs are recorded one after another in batches of {calls:n}, until {share:g} % are clear of {limit_ms:d} ms, "
        "with calls of our own server between them"
    ),
    target_fixture="standings",
)
def _(latency: Latency, recordings: Recordings, calls: int, share: float, limit_ms: int) -> Sequence[Standing]:
    return latency.measure(_demand(share, limit_ms, calls=calls), {"one cost recorded": recordings.ask})


@when(
    parsers.parse(
        "{} is asked for in batches of {calls:n}, until {share:g} % are clear of {limit_ms:d} ms, "
        "with calls of our own server between them"
    ),
    target_fixture="standings",
)
def _(latency: Latency, questions: Questions, calls: int, share: float, limit_ms: int) -> Sequence[Standing]:
    return latency.measure(_demand(share, limit_ms, calls=calls), questions.asks)


@then(parsers.parse("{share:g} % of them are recorded in less than {limit_ms:d} ms"))
@then(parsers.parse("{share:g} % of the answers take less than {limit_ms:d} ms"))
def _(standings: Sequence[Standing], share: float, limit_ms: int) -> None:
    told = [one for one in standings if one.demand == _demand(share, limit_ms, calls=one.demand.calls)]
    slow = [f"{one.title}: {one.words}" for one in told if one.side == "over"]
    assert not slow, f"too slow, even without what disturbed our own server meanwhile: {'; '.join(slow)}"
    unclear = [f"{one.title}: {one.words}" for one in told if one.side == "unclear"]
    if unclear:
        raise CannotTell(f"this machine is too restless, or it is too close: {'; '.join(unclear)}")
    if not told:
        raise CannotTell(f"nothing was measured against {limit_ms} ms for {share:g} %")


@then("every one of them is stored")
def _(recordings: Recordings) -> None:
    stored = recordings.stored()
    assert stored == recordings.made, f"of {recordings.made} costs that were said to be recorded {stored} are stored"


@then("every answer tells the number and the sum of those costs")
def _(questions: Questions) -> None:
    due = f"{questions.due.records} costs of {questions.due.total} USD"
    assert not questions.wrong, f"{len(questions.wrong)} answers told something else than {due}: {questions.wrong[0]}"


def _demand(share: float, limit_ms: int, *, calls: int) -> Demand:
    return Demand(quantile=share / 100, limit_ms=limit_ms, calls=calls)
