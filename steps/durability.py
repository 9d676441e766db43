"""Steps about costs that must be kept once they were answered for, and those that the database refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pytest_bdd import given, parsers, then, when

from fixtures import amounts, durability
from fixtures.announcements import Announcements, Report
from fixtures.durability import MOMENT_SECONDS, Stronghold, Victim
from fixtures.inputs import Draw
from fixtures.workshop import Job, Workshop, granted, taken
from harness.errors import CannotTell, PlatformFailed, PlatformRefused
from harness.interpreter.protocol import WorkerRefused
from harness.observe.commits import Commits
from harness.observe.ledger import Ledger
from harness.observe.sql import Sql
from harness.observe.veto import Moment, Veto
from harness.probes.pricing import PriceList
from harness.targets.terms import Call, Way
from steps.costs import make_noise, make_owners
from steps.events import Run, Watch, tell_none

REPORTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Calls whose success was told, and those of them that had no row when they were looked for."""

    calls: tuple[Call, ...]
    missing: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A task whose costs the database refused: whether its run was said to have succeeded, and what was refused."""

    granted: bool
    reports: tuple[Report, ...]


@given("a task and an agent that report costs, with noise around them", target_fixture="owners")
def _(workshop: Workshop) -> dict[str, str]:
    make_noise(workshop.platform, workshop.prices, workshop.draw)
    return make_owners(workshop.platform, workshop.draw)


@given(
    parsers.re(
        r"an agent that calls its provider (?P<manner>in one piece|with a stream) for a task of several calls, "
        "with noise around it"
    ),
    target_fixture="job",
)
def _(workshop: Workshop, manner: str) -> Job:
    workshop.noise()
    place = workshop.place(streams=manner == "with a stream")
    workshop.advance(place.spec, to="requirements")
    job = workshop.job(place, calls=workshop.draw.random.randint(2, 4))
    workshop.start(job)
    return job


@given("a database whose commits take a moment")
def _(commits: Commits) -> None:
    commits.watch(seconds=MOMENT_SECONDS)


@given("a platform of its own on a server that keeps what is committed, with noise in it")
def _(stronghold: Stronghold) -> None:
    workshop = stronghold.workshop
    make_noise(stronghold.platform, workshop.prices, workshop.draw)
    workshop.noise()


@given(
    parsers.re(r"a task of three calls whose costs the database will refuse (?P<moment>at once|at its commit)"),
    target_fixture="job",
)
def _(workshop: Workshop, run: Run, veto: Veto, moment: Moment) -> Job:
    job = workshop.job(run.place, calls=3)
    workshop.start(job)
    veto.against_task(job.task, moment=moment)
    return job


@when(
    parsers.re(
        r"calls of (?:the )?(?P<spender>agent|nobody) are reported, "
        "and each is looked for as soon as its answer is there"
    ),
    target_fixture="answered",
)
def _(workshop: Workshop, database: Sql, owners: dict[str, str], spender: str) -> Answered:
    agent = owners["agent"] if spender == "agent" else None
    calls = _calls(workshop.draw, workshop.prices)
    missing: list[Call] = []
    # Connected before, so that no time is lost when it matters.
    database.execute("SELECT 1")
    for call in calls:
        workshop.platform.record_cost(call, task_id=owners["task"], agent_id=agent)
        missing += durability.missing(database, [call])
    return Answered(calls=calls, missing=tuple(missing))


@when(
    "a call is recorded in every way that the platform offers, and looked for as soon as the answer is there",
    target_fixture="answered",
)
def _(workshop: Workshop, database: Sql, owners: dict[str, str]) -> Answered:
    platform, prices = workshop.platform, workshop.prices
    calls: list[Call] = []
    missing: list[Call] = []
    database.execute("SELECT 1")
    for way in platform.ways_to_record():
        call = amounts.listed_call(workshop.draw, prices, of=way.provider)
        platform.record_in(way, call, costing=amounts.due(prices, call).total, task_id=owners["task"])
        calls.append(call)
        missing += durability.missing(database, [call])
    return Answered(calls=tuple(calls), missing=tuple(missing))


@when("the task is run, and its calls are looked for as soon as the answer is there", target_fixture="answered")
def _(workshop: Workshop, database: Sql, ledger: Ledger, job: Job) -> Answered:
    database.execute("SELECT 1")
    granted(workshop.platform.run_task(job.task))
    calls = _served(ledger, job)
    return Answered(calls=calls, missing=durability.missing(database, calls))


@when(
    parsers.re(
        r"a task is run and costs are reported, and (?P<victim>the platform|the database server) "
        "is killed right after the last answer"
    ),
    target_fixture="answered",
)
def _(stronghold: Stronghold, ledger: Ledger, victim: Victim) -> Answered:
    workshop, platform = stronghold.workshop, stronghold.platform
    place = workshop.place()
    workshop.advance(place.spec, to="requirements")
    job = workshop.job(place, calls=2)
    workshop.start(job)
    ran = workshop.spend(job)
    reported = _calls(workshop.draw, workshop.prices)
    for call in reported[:-1]:
        platform.record_cost(call, task_id=job.task, agent_id=place.agent)
    # Before the last cost: what waits for the disk takes all that others have not waited for along.
    stronghold.keepsake.leave()
    strike = stronghold.aim(victim)
    platform.record_cost(reported[-1], task_id=job.task)
    strike()
    stronghold.recover()
    served = _served(ledger, job) if ran else ()
    missing = [one for calls in (served, reported) for one in durability.missing(stronghold.database, calls)]
    return Answered(calls=(*served, *reported), missing=tuple(missing))


@when(
    "that cost is reported for the task, and another one as soon as nothing is refused any more",
    target_fixture="told_success",
)
def _(wire: Watch, refused: Report, veto: Veto) -> bool:
    told_success = taken(lambda: wire.costs.platform.try_cost(refused.call, task_id=refused.task, agent_id=wire.agent))
    must_be_refusing(wire.costs, [refused.call])
    veto.withdraw()
    wire.costs.platform.record_cost(wire.costs.call(), task_id=refused.task, agent_id=wire.agent)
    return told_success


@when("a cost that the database refuses is recorded in every way that the platform offers", target_fixture="by_way")
def _(wire: Watch, veto: Veto) -> Mapping[str, Refused]:
    return {way.name: _refused_by(way, wire.costs, veto) for way in wire.costs.platform.ways_to_record()}


@when("it is run", target_fixture="outcome")
def _(workshop: Workshop, ledger: Ledger, run: Run, job: Job) -> Refused:
    # One that takes seconds works by itself, and keeps to itself what the platform answered to its report.
    succeeded = taken(lambda: workshop.platform.run_task(job.task, if_quick=True))
    reports = tuple(Report(call=call, task=job.task) for call in _served(ledger, job))
    must_be_refusing(run.costs, [one.call for one in reports])
    return Refused(granted=succeeded, reports=reports)


@when("another one is run as soon as nothing is refused any more", target_fixture="wire")
def _(workshop: Workshop, run: Run, veto: Veto) -> Watch:
    veto.withdraw()
    job = workshop.job(run.place, calls=1)
    workshop.start(job)
    granted(workshop.platform.run_task(job.task))
    return Watch(costs=run.costs, tasks=(job.task,))


@then("each of them had its row by then")
@then("each of them has its row")
def _(answered: Answered) -> None:
    lost, all_of = len(answered.missing), len(answered.calls)
    assert not lost, f"{lost} of {all_of} costs for which success was returned have no row"


@then("none was committed by a session that does not wait for the disk")
def _(stronghold: Stronghold) -> None:
    careless = stronghold.commits.careless()
    assert not careless, f"{careless} costs were committed by sessions that had turned synchronous_commit off"


@then("the caller of the refused cost was told of an error")
def _(told_success: bool) -> None:
    assert not told_success, "the database refused a cost, and its caller was told of success"


@then("by each way its caller was told of an error")
def _(by_way: Mapping[str, Refused]) -> None:
    for way, refused in by_way.items():
        assert not refused.granted, f"by {way}: the database refused a cost, and its caller was told of success"


@then("by no way a row or an event tells of it")
def _(wire: Watch, by_way: Mapping[str, Refused]) -> None:
    reports = [report for refused in by_way.values() for report in refused.reports]
    tell_none(replace(wire, tasks=(*wire.tasks, *(one.task for one in reports))), reports)


@then("whoever had the first one run was told of an error")
def _(outcome: Refused) -> None:
    assert not outcome.granted, f"the database refused {len(outcome.reports)} costs of a run that is said to be done"


@then("neither a row nor an event tells of its calls")
def _(run: Run, outcome: Refused) -> None:
    tell_none(Watch(costs=run.costs, tasks=(outcome.reports[0].task,)), outcome.reports)


def must_be_refusing(costs: Announcements, calls: Sequence[Call]) -> None:
    """Go on when the database has taken none of these; CannotTell when it did, since then it refused nothing."""
    if any(costs.rows_like(call) for call in calls):
        raise CannotTell("the database took a cost that it was told to refuse")


def _refused_by(way: Way, costs: Announcements, veto: Veto) -> Refused:
    """A cost that the database refuses, recorded in a way that stores another one as soon as it does not."""
    task = costs.task()
    record = partial(costs.platform.record_in, way, task_id=task)
    call, other = costs.call(of=way.provider), costs.call(of=way.provider)
    veto.against_task(task)
    succeeded = _succeeds(partial(record, call, costing=costs.due(call)))
    must_be_refusing(costs, [call])
    veto.withdraw()
    record(other, costing=costs.due(other))
    if not costs.rows_like(other):
        raise CannotTell(f"by {way} no cost is stored either that the database would take")
    if costs.rows_like(call):
        raise CannotTell(f"by {way} a cost is stored later than it is answered, so that the database refused none")
    return Refused(granted=succeeded, reports=(Report(call=call, task=task),))


def _succeeds(record: Callable[[], None]) -> bool:
    """Whether the platform says that it did as asked, be it in an answer or by raising nothing."""
    try:
        record()
    except (PlatformFailed, PlatformRefused, WorkerRefused):
        return False
    return True


def _calls(draw: Draw, prices: PriceList) -> tuple[Call, ...]:
    """Calls to be reported, of models that the pricing file lists."""
    return tuple(draw.call(*draw.random.choice(prices.listed())) for _ in range(REPORTED))


def _served(ledger: Ledger, job: Job) -> tuple[Call, ...]:
    """The calls that the provider served for a job; CannotTell when there are none, since then no cost was due."""
    served = ledger.calls(job.marker)
    if not served:
        raise CannotTell("a task was run and no call of it reached the provider, so no cost was due")
    return tuple(
        Call(
            provider=one.provider,
            model=one.model,
            prompt_tokens=one.prompt_tokens,
            completion_tokens=one.completion_tokens,
        )
        for one in served
    )
