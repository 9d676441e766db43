"""Sample data: a project with specs in every phase, made by using the platform as people do."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from demo.people import Person, Platform

PHASES: Final = ("draft", "requirements", "design", "executing", "completed")
STEPS: Final = {"requirements": "start", "design": "approve-requirements", "executing": "approve-design"}
OWNER, MEMBER, VIEWER = "owner@example.com", "member@example.com", "viewer@example.com"
PEOPLE: Final = {
    OWNER: "project owner: does everything, and sets budgets",
    MEMBER: "project member: works, and spends",
    VIEWER: "project viewer: looks on",
}
AGENTS: Final = (
    {"name": "Ada", "provider": "anthropic", "model": "claude-sonnet-4.5", "streams": True},
    {"name": "Grace", "provider": "openai", "model": "gpt-4o"},
    {"name": "Edsger", "provider": "anthropic", "model": "claude-haiku-4.5"},
)


@dataclass(frozen=True, slots=True)
class Job:
    """A task to be made; its agent needs so many calls for it."""

    title: str
    parts: int = 1

    @property
    def document(self) -> dict[str, str]:
        """The task as the platform is asked for it; the provider reads in the description how often to answer."""
        return {"title": self.title} | ({"description": f"In parts (calls: {self.parts})"} if self.parts > 1 else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A spec to be made: how far it goes, its budget in US dollars, and the jobs of each phase.

    Those of phases that are over are done; of the phase it stays in the first is done and the rest is left to do.
    """

    title: str
    description: str
    reaches: str
    limit: float | None
    jobs: dict[str, tuple[Job, ...]]


PLANS: Final = (
    Plan(
        title="Search that forgives typing errors",
        description="People find what they mean, also when they type something else.",
        reaches="executing",
        limit=0.22,
        jobs={
            "requirements": (Job("Collect what people typed", parts=2),),
            "design": (Job("Compare ways to measure distance", parts=3), Job("Draw the index")),
            "executing": (Job("Build the index", parts=2), Job("Rank what was found"), Job("Mark the corrections")),
        },
    ),
    Plan(
        title="Checkout on one page",
        description="From the basket to the receipt without turning a page.",
        reaches="completed",
        limit=1,
        jobs={
            "requirements": (Job("Ask ten customers", parts=2),),
            "design": (Job("Sketch the page"),),
            "executing": (Job("Build the form", parts=3), Job("Take payments", parts=2)),
        },
    ),
    Plan(
        title="Export as a table",
        description="Everything in a list can be taken home.",
        reaches="design",
        limit=0.1,
        jobs={
            "requirements": (Job("List the columns", parts=2),),
            "design": (Job("Choose a format", parts=2), Job("Name the file")),
        },
    ),
    Plan(
        title="A quiet colour scheme",
        description="For those who read at night.",
        reaches="requirements",
        limit=None,
        jobs={"requirements": (Job("Measure contrasts"), Job("Ask the night shift"))},
    ),
    Plan(title="Log-in without passwords", description="Nothing to forget.", reaches="draft", limit=None, jobs={}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was made: a project, its most lively spec, and who may enter, each with a word on their role."""

    project: str
    spec: str
    people: dict[str, str]


def fill(platform: Platform) -> Sample:
    """Make the project, its people and agents, and every spec of the plans."""
    owner = platform.person(OWNER, "Olga Owner")
    organization = owner.make("/organizations", name="Harbour Works")["id"]
    project = owner.make("/projects", organization_id=organization, name="Web shop")["id"]
    _invite(platform, owner, project)
    agents = [owner.make("/agents", project_id=project, **agent)["id"] for agent in AGENTS]
    _limit(owner, "project", project, 2)
    making = _Making(owner, project, cycle(agents))
    specs = [making.spec(plan) for plan in PLANS]
    return Sample(project=project, spec=specs[0], people=PEOPLE)


def _invite(platform: Platform, owner: Person, project: str) -> None:
    """Let a member and a viewer into the project."""
    for email, name, role in ((MEMBER, "Max Member", "member"), (VIEWER, "Vera Viewer", "viewer")):
        guest = platform.person(email, name)
        owner.make(f"/projects/{project}/members", user_id=guest.id, role=role)


def _limit(owner: Person, scope: str, key: str, amount: float) -> None:
    owner.make("/costs/budgets", scope_type=scope, scope_id=key, limit_amount=amount)


@dataclass(frozen=True, slots=True)
class _Making:
    """Somebody makes specs, and agents take turns."""

    owner: Person
    project: str
    agents: Iterator[str]

    def spec(self, plan: Plan) -> str:
        """Take one spec as far as planned; returns its key."""
        asked = {"project_id": self.project, "title": plan.title, "description": plan.description}
        spec = self.owner.make("/specs", **asked)["id"]
        if plan.limit is not None:
            _limit(self.owner, "spec", spec, plan.limit)
        for phase in PHASES[1 : PHASES.index(plan.reaches) + 1]:
            if phase in STEPS:
                self.owner.make(f"/specs/{spec}/{STEPS[phase]}")
            self._do(spec, plan.jobs.get(phase, ()), over=phase != plan.reaches)
        return spec

    def _do(self, spec: str, jobs: tuple[Job, ...], *, over: bool) -> None:
        """Write the jobs of a phase down, and do them, or the first only where the phase is not over."""
        tasks = [self.owner.make(f"/specs/{spec}/tasks", **job.document)["id"] for job in jobs]
        for task in tasks if over else tasks[:1]:
            self.owner.make(f"/tasks/{task}/assign", agent_id=next(self.agents))
            self.owner.make(f"/tasks/{task}/run")
            self.owner.make(f"/tasks/{task}/complete")
