"""People whom the driver seeds at the reference, and what their tokens open there."""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

import pytest

from harness.targets import tokens
from harness.targets.http import Api
from harness.targets.platform import Platform
from harness.targets.terms import Role
from harness.tests import stage as stages
from harness.tests.stage import Stage

READERS: Final[tuple[Role, ...]] = (
    "viewer",
    "member",
    "project owner",
    "organisation admin",
    "organisation owner",
)
OWNERS: Final[tuple[Role, ...]] = READERS[2:]


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One stage for all of these tests."""
    with stages.opened("reference") as opened:
        yield opened


@pytest.fixture
def platform(stage: Stage) -> Iterator[Platform]:
    """A tenant of its own for a test."""
    with closing(stage.tenant()) as tenant:
        yield tenant


def summed(stage: Stage, project: str, token: str | None) -> int:
    """The status with which somebody's question for a project's costs is answered."""
    with closing(Api(stage.instance.url, token=token)) as api:
        return api.get("/api/v1/costs/summary", scope_type="project", scope_id=project).status


def limited(stage: Stage, project: str, token: str) -> int:
    """The status with which somebody's new budget for a project is answered."""
    asked = {"scope_type": "project", "scope_id": project, "limit_amount": 5}
    with closing(Api(stage.instance.url, token=token)) as api:
        return api.post("/api/v1/costs/budgets", asked).status


@pytest.mark.parametrize("role", READERS)
def test_who_belongs_to_a_project_reads_its_costs(stage: Stage, platform: Platform, role: Role) -> None:
    """Everybody of the project and the administrators of its organisation read; only owners set limits."""
    project = platform.create_project("one")
    person = platform.person(role, project)
    assert summed(stage, project, person.token) == 200
    assert limited(stage, project, person.token) == (200 if role in OWNERS else 403)


@pytest.mark.parametrize("role", ["stranger", "removed"])
def test_who_does_not_belong_to_a_project_reads_nothing(stage: Stage, platform: Platform, role: Role) -> None:
    """Somebody of another project elsewhere, and somebody who was a member until just now."""
    project = platform.create_project("one")
    assert summed(stage, project, platform.person(role, project).token) == 404


def test_everybody_belongs_to_one_project_only(stage: Stage, platform: Platform) -> None:
    """A member or owner of one project is nobody in another of the same organisation."""
    one, other = platform.create_project("one"), platform.create_project("other")
    for role in READERS[:3]:
        assert summed(stage, other, platform.person(role, one).token) == 404


def test_a_project_keeps_its_owner(platform: Platform) -> None:
    """Whoever asks again for its owner meets the same person."""
    project = platform.create_project("one")
    assert platform.person("project owner", project).id == platform.person("project owner", project).id


@pytest.mark.parametrize("flaw", tokens.UNSOUND)
def test_an_unsound_token_opens_nothing(stage: Stage, platform: Platform, flaw: str) -> None:
    """The same person's sound token opens what the unsound one does not."""
    project = platform.create_project("one")
    person = platform.person("project owner", project)
    assert summed(stage, project, tokens.UNSOUND[flaw](person.id, stage.instance.secret)) == 401
    assert summed(stage, project, person.token) == 200


def test_a_token_is_not_shown(platform: Platform) -> None:
    """Whoever prints a person or a page guide prints no token."""
    project = platform.create_project("one")
    person = platform.person("member", project)
    assert person.token not in repr(person)
    guide = platform.page(project, platform.create_spec(project, "first"))
    assert not any(token in repr(guide) for token in guide.storage.values())


def test_a_tenant_is_the_same_at_another_instance(stage: Stage, platform: Platform) -> None:
    """What it made at one instance it finds at the other."""
    project = platform.create_project("one")
    spec = platform.create_spec(project, "first")
    with closing(platform.at(stage.second)) as second:
        assert second.status_of_spec(spec) == "draft"
