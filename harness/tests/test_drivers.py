"""Every verb of the vocabulary, spoken to both platforms with two instances and a provider stub."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Final

import pytest

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.targets.platform import Platform
from harness.targets.terms import PHASES, Call, Reply, Scope, SummaryScope
from harness.tests import stage as stages
from harness.tests.stage import Stage

MODELS: Final = {"openai": "gpt-5-nano", "anthropic": "claude-haiku-4.5"}
CALL: Final = Call(provider="openai", model="gpt-5-nano", prompt_tokens=2_000_000, completion_tokens=1_000_000)


@pytest.fixture(scope="module", params=["reference", stages.MINIATURE], ids=["reference", "miniature"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """One stage for all of these tests, for each platform."""
    with stages.opened(request.param) as opened:
        yield opened


@pytest.fixture
def journal() -> Journal:
    """What the driver noted."""
    return Journal()


@pytest.fixture
def platform(stage: Stage, journal: Journal) -> Iterator[Platform]:
    """A tenant of its own for a test."""
    with closing(stage.tenant(journal)) as tenant:
        yield tenant


def ground(reply: Reply) -> str | None:
    """Why something was refused."""
    return reply.refusal.ground if reply.refusal else None


def begun(platform: Platform, *, provider: str = "openai", streams: bool = False) -> tuple[str, str, str]:
    """A project with a spec in requirements, and an agent."""
    project = platform.create_project("one")
    spec = platform.create_spec(project, "first")
    agent = platform.create_agent(project, "a thinker", provider=provider, model=MODELS[provider], streams=streams)
    assert platform.advance_spec(spec).granted
    return project, spec, agent


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("provider", MODELS)
def test_a_spec_is_driven_from_draft_to_completed(
    stage: Stage, platform: Platform, provider: str, streams: bool
) -> None:
    """Tasks of every phase are served by the provider and billed, and the summary is kept."""
    _, spec, agent = begun(platform, provider=provider, streams=streams)
    for phase in PHASES:
        assert platform.status_of_spec(spec) == phase
        marker = f"{provider}-{streams}-{phase}"
        stage.provider.expect(marker, calls=2)
        task = platform.create_task(spec, f"do {marker}")
        assert platform.start_task(task, agent).granted
        assert platform.is_started(task)
        assert platform.run_task(task).granted
        assert platform.complete_task(task).granted
        assert not platform.is_started(task)
        served = stage.provider.served(marker)
        assert {(one.provider, one.streamed) for one in served} == {(provider, streams)}
        assert sorted(one.prompt_tokens for one in served) == sorted(
            cost.prompt_tokens or 0 for cost in platform.costs_of_task(task)
        )
        if phase != "executing":
            assert platform.advance_spec(spec).granted
    assert platform.status_of_spec(spec) == "completed"
    assert platform.final_costs_of_spec(spec) == platform.costs_of_spec(spec)
    assert set(platform.costs_of_spec(spec).by_phase) == set(PHASES)
    assert set(platform.costs_of_spec(spec).by_agent) == {agent}


def test_every_way_starts_a_task(platform: Platform) -> None:
    """Each route gives the task to the agent; a failed task is started again."""
    _, spec, agent = begun(platform)
    for _ in ("design", "executing"):
        assert platform.advance_spec(spec).granted
    assert platform.ways_to_start()[0] == "assign"
    for way in platform.ways_to_start():
        task = platform.create_task(spec, f"by {way}")
        if way == "retry":
            assert platform.start_task(task, agent).granted
            assert platform.fail_task(task).granted
        assert platform.start_task(task, agent, way=way).granted
        assert platform.is_started(task)


def test_every_way_refuses_for_a_budget(platform: Platform) -> None:
    """A budget of nothing stands against each of them, and says what was needed."""
    project, spec, agent = begun(platform)
    for _ in ("design", "executing"):
        assert platform.advance_spec(spec).granted
    platform.set_budget(Scope(kind="project", id=project), Decimal(0))
    for way in platform.ways_to_start():
        task = platform.create_task(spec, f"by {way}")
        reply = platform.start_task(task, agent, way=way)
        assert ground(reply) == "budget"
        assert reply.refusal
        assert reply.refusal.needed == float(platform.estimate("openai", MODELS["openai"]))
        assert not platform.is_started(task)


def test_a_task_may_be_blocked_beside_one_that_is_started(platform: Platform) -> None:
    """Where all tasks are executed and the budget bears one, the other is refused though the answer is a success."""
    project, spec, agent = begun(platform)
    for _ in ("design", "executing"):
        assert platform.advance_spec(spec).granted
    platform.set_budget(Scope(kind="project", id=project), platform.estimate("openai", MODELS["openai"]))
    first, second = (platform.create_task(spec, title) for title in ("first", "second"))
    assert ground(platform.start_task(second, agent, way=platform.ways_to_start()[1])) == "budget"
    assert (platform.is_started(first), platform.is_started(second)) == (True, False)


def test_a_budget_stands_as_it_was_set_and_spent(platform: Platform) -> None:
    """Limits and what was spent under them are those of the call that was recorded."""
    project, spec, _ = begun(platform)
    scope = Scope(kind="spec", id=spec)
    platform.set_budget(scope, Decimal("0.75"))
    cost = platform.record_cost(CALL, task_id=platform.create_task(spec, "one"))
    standing = platform.budget(scope)
    assert (standing.limit, standing.spent) == (0.75, cost.total_cost)
    assert standing.exceeded == (standing.spent >= 0.75)
    with pytest.raises(PlatformMisbehaved):
        platform.budget(Scope(kind="project", id=project))


def test_a_second_budget_of_a_scope_is_asked_for_and_shown(platform: Platform) -> None:
    """Both platforms hold it beside the first, and show those of other scopes elsewhere."""
    project, spec, _ = begun(platform)
    scope = Scope(kind="spec", id=spec)
    platform.set_budget(Scope(kind="project", id=project), Decimal(3))
    platform.set_budget(scope, Decimal(1))
    assert platform.try_budget(scope, Decimal(2)).granted
    assert sorted(platform.limits(scope)) == [1.0, 2.0]


def test_a_phase_is_not_entered_without_budget(platform: Platform) -> None:
    """An exhausted budget stands against the next phase."""
    project, spec, _ = begun(platform)
    platform.set_budget(Scope(kind="project", id=project), Decimal(0))
    assert ground(platform.advance_spec(spec)) == "budget"
    assert platform.status_of_spec(spec) == "requirements"


def test_what_comes_too_early_is_refused_for_its_state(platform: Platform) -> None:
    """A task that was not assigned cannot be run or completed."""
    _, spec, _ = begun(platform)
    task = platform.create_task(spec, "one")
    assert (ground(platform.run_task(task)), ground(platform.complete_task(task))) == ("state", "state")


def test_a_provider_that_fails_is_told_as_a_refusal(stage: Stage, platform: Platform) -> None:
    """The task failed, nobody else did, and it may be started again."""
    _, spec, agent = begun(platform)
    stage.provider.refuse("task-of-a-bad-day", 400)
    task = platform.create_task(spec, "task-of-a-bad-day")
    assert platform.start_task(task, agent).granted
    assert ground(platform.run_task(task)) == "other"
    assert not platform.is_started(task)
    assert platform.start_task(task, agent).granted


def test_summaries_and_forecasts_of_a_scope(platform: Platform) -> None:
    """Scopes are summed and forecast under their own ids."""
    project, spec, agent = begun(platform)
    task = platform.create_task(spec, "one", asked_by=agent)
    cost = platform.record_cost(CALL, task_id=task, agent_id=agent)
    ticket = platform.ticket_of(task)
    scopes: dict[SummaryScope, str] = {"project": project, "spec": spec, "ticket": ticket, "task": task, "agent": agent}
    for kind, key in scopes.items():
        summary = platform.summary(kind, key)
        assert (summary.total_cost, summary.record_count) == (cost.total_cost, 1)
    for scope in (Scope(kind="project", id=project), Scope(kind="spec", id=spec)):
        forecast = platform.forecast(scope, provider="openai", model=MODELS["openai"])
        assert Decimal(str(forecast.estimated_cost)) == platform.estimate("openai", MODELS["openai"])


def test_a_task_may_have_a_ticket_of_its_own(platform: Platform) -> None:
    """The ticket that was named is the one that the task shows."""
    project, spec, _ = begun(platform)
    ticket = platform.create_ticket(project, "a bug")
    assert platform.ticket_of(platform.create_task(spec, "one", ticket_id=ticket)) == ticket


def test_a_task_may_be_of_a_ticket_alone(platform: Platform) -> None:
    """Where the platform knows such tasks, what they cost is their project's and no spec's."""
    project, spec, _ = begun(platform)
    task = platform.create_task_of_ticket(platform.create_ticket(project, "a bug"), "one")
    cost = platform.record_cost(CALL, task_id=task) if task else None
    assert platform.summary("project", project).total_cost == (cost.total_cost if cost else 0)
    assert platform.summary("spec", spec).total_cost == 0


def test_a_cost_may_be_refused(stage: Stage, platform: Platform) -> None:
    """Somebody else's task takes no cost of ours."""
    _, spec, _ = begun(platform)
    task = platform.create_task(spec, "one")
    with closing(stage.tenant()) as stranger:
        assert ground(stranger.try_cost(CALL, task_id=task)) == "access"
    assert platform.try_cost(CALL, task_id=task).granted


def test_setting_a_scene_leaves_no_reading(platform: Platform, journal: Journal) -> None:
    """No check can pass on its preparation alone."""
    project = platform.create_project("one")
    spec = platform.create_spec(project, "first")
    ticket = platform.create_ticket(project, "a bug")
    platform.create_task(spec, "task", ticket_id=ticket)
    platform.create_task_of_ticket(ticket, "another")
    platform.create_agent(project, "a thinker")
    platform.set_budget(Scope(kind="spec", id=spec), Decimal(1))
    platform.person("member", project)
    platform.page(project, spec)
    assert not journal.readings
