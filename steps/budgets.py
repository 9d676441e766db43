"""Steps about budgets that guard tasks: who may start, who is refused, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pytest_bdd import given, parsers, then, when

from fixtures.decisions import Decisions
from fixtures.guards import RETRY, Guards, NewGuards, Post
from fixtures.workshop import Job
from harness.observe.ledger import Ledger
from harness.targets.platform import Platform
from harness.targets.terms import STATUSES, BudgetScope, Reply, SpecStatus

KIND: Final = "(?:project|ticket|spec)"
HARDLY_LESS: Final = Decimal("0.999")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A guarded spec; `failed` is a job of it that has failed and may be tried again, `ended` when its job is done."""

    guards: Guards
    post: Post
    failed: Job | None = None
    ended: bool = False

    @property
    def platform(self) -> Platform:
        """The platform that guards it."""
        return self.guards.workshop.platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to start a job in some way, and what the platform said."""

    way: str
    job: Job
    reply: Reply


@given(
    parsers.re(
        rf"a spec in executing whose (?P<kind>{KIND}) (?P<state>has room in|has spent) its budget, "
        "with noise around it"
    ),
    target_fixture="gate",
)
def _(new_guards: NewGuards, kind: BudgetScope, state: str) -> Gate:
    guards = new_guards(kind)
    post = guards.post("executing")
    failed = guards.failed(post) if RETRY in guards.workshop.platform.ways_to_start() else None
    set_budget(guards, post, kind, state)
    return Gate(guards=guards, post=post, failed=failed)


@given(
    parsers.re(
        rf"a spec before (?P<phase>\w+) whose (?P<kind>{KIND}) (?P<state>has room in|has spent) its budget, "
        "with noise around it"
    ),
    target_fixture="gate",
)
def _(new_guards: NewGuards, phase: SpecStatus, kind: BudgetScope, state: str) -> Gate:
    guards = new_guards(kind)
    post = guards.post(STATUSES[STATUSES.index(phase) - 1])
    ended = guards.end(post)
    set_budget(guards, post, kind, state)
    return Gate(guards=guards, post=post, ended=ended)


@given(
    parsers.re(
        "a spec in executing whose budget has (?P<left>exactly|hardly less than) one estimate left, "
        "with noise around it"
    ),
    target_fixture="gate",
)
def _(new_guards: NewGuards, left: str) -> Gate:
    return open_gate(new_guards("spec"), Decimal(1) if left == "exactly" else HARDLY_LESS)


@given(parsers.re(r"a task of it that was started(?P<failed> and failed)?"), target_fixture="begun")
def _(gate: Gate, failed: str | None) -> Job:
    return gate.guards.failed(gate.post) if failed else gate.guards.begun(gate.post)


@given(
    parsers.re(rf"a spec in executing whose (?P<kind>{KIND}) has exactly one estimate left, with noise around it"),
    target_fixture="gate",
)
def _(new_guards: NewGuards, kind: BudgetScope) -> Gate:
    return open_gate(new_guards(kind), Decimal(1), kind=kind)


@given("a spec in executing with a budget of 0, with noise around it", target_fixture="gate")
def _(new_guards: NewGuards) -> Gate:
    guards = new_guards("spec")
    post = guards.post("executing")
    guards.workshop.platform.set_budget(guards.scope(post, "spec"), Decimal(0))
    return Gate(guards=guards, post=post)


@given(
    parsers.re(
        "a spec in executing with budgets of project, ticket and spec"
        rf"(?: that have room|, the (?P<tightest>{KIND}) one spent), with noise around it"
    ),
    target_fixture="gate",
)
def _(new_guards: NewGuards, tightest: BudgetScope | None) -> Gate:
    guards = new_guards("spec")
    post = guards.post("executing")
    guards.set_three(post, spent=tightest)
    return Gate(guards=guards, post=post)


@when("a task is started in every way that the platform offers", target_fixture="attempts")
def _(gate: Gate) -> Sequence[Attempt]:
    return [attempt(gate, way) for way in gate.platform.ways_to_start()]


@when("a task of it is to be started", target_fixture="attempts")
def _(gate: Gate) -> Sequence[Attempt]:
    return [attempt(gate, gate.platform.ways_to_start()[0])]


@when(parsers.parse("the spec is to go on to {phase}"), target_fixture="transition")
def _(gate: Gate) -> Reply:
    return gate.platform.advance_spec(gate.post.place.spec)


@then("each of them is started, and its agent's calls are served when it is run")
def _(attempts: Sequence[Attempt], gate: Gate, ledger: Ledger, decisions: Decisions) -> None:
    weigh(decisions, attempts, due=len(attempts))
    for one in attempts:
        must_start(gate.platform, one)
        must_work(gate.platform, ledger, one.job)


@then("it is started")
def _(attempts: Sequence[Attempt], gate: Gate, decisions: Decisions) -> None:
    weigh(decisions, attempts, due=len(attempts))
    for one in attempts:
        must_start(gate.platform, one)


@then("each start is refused for the budget")
def _(attempts: Sequence[Attempt], decisions: Decisions) -> None:
    weigh(decisions, attempts, due=0)
    for one in attempts:
        must_be_refused(one)


@then("none of them is started, and no call of theirs reached the provider")
def _(attempts: Sequence[Attempt], gate: Gate, ledger: Ledger) -> None:
    for one in attempts:
        must_rest(gate.platform, ledger, one)


@then("its start is refused for the budget, and nothing came of it")
def _(attempts: Sequence[Attempt], gate: Gate, ledger: Ledger, decisions: Decisions) -> None:
    weigh(decisions, attempts, due=0)
    for one in attempts:
        must_be_refused(one)
        must_rest(gate.platform, ledger, one)


@then("nothing of it can be started there, and no call of it reached the provider")
def _(gate: Gate, transition: Reply, ledger: Ledger, decisions: Decisions) -> None:
    if transition.granted:
        one = attempt(gate, gate.platform.ways_to_start()[0])
        weigh(decisions, [one], due=0)
        must_be_refused(one)
        must_rest(gate.platform, ledger, one)
    else:
        decisions.weigh([transition], due=0)
        must_be_for_the_budget(transition, what=transition.operation)
    if not gate.ended:
        must_rest(gate.platform, ledger, try_waiting(gate))


@then(parsers.parse("it is in {phase}, and a task of it is started and its agent's calls are served"))
def _(gate: Gate, transition: Reply, phase: str, ledger: Ledger, decisions: Decisions) -> None:
    decisions.weigh([transition], due=1)
    refusal = transition.refusal
    assert refusal is None, f"{transition.operation} was refused with room in the budget: {refusal and refusal.words}"
    status = gate.platform.status_of_spec(gate.post.place.spec)
    assert status == phase, f"after {transition.operation} the spec is in {status} instead of {phase}"
    one = attempt(gate, gate.platform.ways_to_start()[0])
    weigh(decisions, [one], due=1)
    must_start(gate.platform, one)
    must_work(gate.platform, ledger, one.job)


def open_gate(guards: Guards, estimates: Decimal, *, kind: BudgetScope = "spec") -> Gate:
    """A spec in executing whose budget, or that of its project or ticket, has so many estimates left."""
    post = guards.post("executing", asks=True)
    guards.leave(post, estimates, kind=kind)
    return Gate(guards=guards, post=post)


def set_budget(guards: Guards, post: Post, kind: BudgetScope, state: str) -> None:
    """Set a budget of one of the post's scopes, with ample room or spent to the last digit."""
    scope = guards.scope(post, kind)
    if state == "has spent":
        guards.spend(scope, post.job.task)
    else:
        guards.leave_ample(scope, post.needed)


def attempt(gate: Gate, way: str) -> Attempt:
    """Try to start a job in a way; the way of retrying is for a job that has failed before."""
    job = gate.failed if way == RETRY and gate.failed else gate.guards.jobs(gate.post, 1)[0]
    return Attempt(way=way, job=job, reply=gate.platform.start_task(job.task, job.agent, way=way))


def try_waiting(gate: Gate) -> Attempt:
    """Try to start the job that has waited since the budget had room, whatever the platform says to that."""
    way, job = gate.platform.ways_to_start()[0], gate.post.job
    return Attempt(way=way, job=job, reply=gate.platform.start_task(job.task, job.agent, way=way))


def weigh(decisions: Decisions, attempts: Sequence[Attempt], *, due: int) -> None:
    """Have the replies to some attempts weighed before anything is demanded of them."""
    decisions.weigh([one.reply for one in attempts], due=due)


def must_start(platform: Platform, one: Attempt) -> None:
    """Demand that a job was started, by the answer and by what the platform shows then."""
    refusal = one.reply.refusal
    assert refusal is None, f"started by {one.way}, a task was refused with enough left: {refusal and refusal.words}"
    assert platform.is_started(one.job.task), f"started by {one.way}, a task is not shown as started"


def must_work(platform: Platform, ledger: Ledger, job: Job) -> None:
    """Demand that a started job is served its calls when it is run."""
    reply = platform.run_task(job.task)
    assert reply.refusal is None, f"a started task could not be run: {reply.refusal and reply.refusal.words}"
    assert ledger.calls(job.marker), "a task was run, and no call of it reached the provider"


def must_be_refused(one: Attempt) -> None:
    """Demand that a job was refused for its budget."""
    assert not one.reply.granted, f"started by {one.way}, a task passed although its budget does not bear it"
    must_be_for_the_budget(one.reply, what=f"a start by {one.way}")


def must_be_for_the_budget(reply: Reply, *, what: str) -> None:
    """Demand that a refusal gives the budget as its ground."""
    if reply.refusal is not None:
        ground, words = reply.refusal.ground, reply.refusal.words
        assert ground == "budget", f"{what} was refused for {ground}, not for its budget: {words}"


def must_rest(platform: Platform, ledger: Ledger, one: Attempt) -> None:
    """Demand that a refused job left no trace."""
    assert not platform.is_started(one.job.task), f"to be started by {one.way}, a refused task is shown as started"
    assert ledger.none(one.job.marker), f"to be started by {one.way}, a refused task called its provider"
