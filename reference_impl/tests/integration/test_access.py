"""Who may see and do what, over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass

import jwt
import pytest

from conftest import SECRET
from omoi_os.models.base import utc_now
from people import Person, Platform, Work, call_of, start_work

YES, ANONYMOUS, STRANGER, FORBIDDEN = {200, 201}, {401}, {404}, {403}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One person of every kind, and the work they meet at."""

    people: dict[str, Person]
    work: Work

    def statuses(self, method: str, path: str, **options: object) -> dict[str, int]:
        """Let everybody try the same request."""
        return {kind: person.ask(method, path, **options).status_code for kind, person in self.people.items()}


@pytest.fixture
def cast(platform: Platform) -> Cast:
    """Found an organization with an administrator, a project owner, a member, a viewer, and people outside."""
    founder, admin, owner, member, viewer, stranger = (platform.person() for _ in range(6))
    organization = founder.make("/organizations", name="Keepers")["id"]
    for person, role in ((admin, "admin"), (owner, "member"), (stranger, "member")):
        founder.make(f"/organizations/{organization}/members", user_id=person.id, role=role)
    work = start_work(owner, organization)
    start_work(stranger, organization)
    for person, role in ((member, "member"), (viewer, "viewer")):
        owner.make(f"/projects/{work.project}/members", user_id=person.id, role=role)
    people = {
        "nobody": platform.nobody(), "stranger": stranger, "viewer": viewer, "member": member,
        "owner": owner, "admin": admin, "founder": founder,
    }  # fmt: skip
    return Cast(people=people, work=work)


def expected(**sets: set[int]) -> dict[str, set[int]]:
    """Spell out who gets what: nobody and stranger as everywhere, the rest as told."""
    viewer = sets.get("viewer", YES)
    member = sets.get("member", viewer)
    owner = sets.get("owner", member)
    kinds = {"nobody": ANONYMOUS, "stranger": sets.get("stranger", STRANGER), "viewer": viewer, "member": member}
    return kinds | {"owner": owner, "admin": YES, "founder": YES}


def agree(seen: dict[str, int], wanted: dict[str, set[int]]) -> None:
    """Everybody got what the table says."""
    wrong = {kind: status for kind, status in seen.items() if status not in wanted[kind]}
    assert not wrong, f"{wrong} in {seen}"


def test_costs_of_a_project_are_for_its_people(cast: Cast) -> None:
    """Viewers and everybody above read; strangers learn nothing."""
    work = cast.work
    scopes = {"project": work.project, "spec": work.spec, "ticket": work.ticket, "task": work.task}
    for scope, key in scopes.items():
        agree(cast.statuses("GET", f"/costs/summary?scope_type={scope}&scope_id={key}"), expected())
    agree(cast.statuses("GET", f"/costs/records?task_id={work.task}"), expected())
    agree(cast.statuses("GET", f"/costs/records?agent_id={work.agent}"), expected())
    agree(cast.statuses("GET", f"/specs/{work.spec}"), expected())


def test_recording_is_for_members(cast: Cast) -> None:
    """Viewers may not record, and strangers do not find the task."""
    agree(cast.statuses("POST", "/costs/records", json=call_of(cast.work.task)), expected(viewer=FORBIDDEN, member=YES))
    found = cast.people["owner"].get("/costs/records", task_id=cast.work.task).json()
    assert len(found) == 4


def test_budgets_are_changed_by_owners_and_administrators(cast: Cast) -> None:
    """Members and viewers read budgets and set none; a refused limit is not stored."""
    work = cast.work
    for scope, key in {"project": work.project, "spec": work.spec, "ticket": work.ticket}.items():
        document = {"scope_type": scope, "scope_id": key, "limit_amount": 5}
        agree(cast.statuses("POST", "/costs/budgets", json=document), expected(viewer=FORBIDDEN, owner=YES))
        agree(cast.statuses("GET", f"/costs/budgets/check?scope_type={scope}&scope_id={key}"), expected())
    assert len(cast.people["viewer"].get("/costs/budgets").json()) == 9
    assert cast.people["stranger"].get("/costs/budgets").json() == []


def test_a_budget_that_is_set_is_changed_and_deleted_by_the_same_people(cast: Cast) -> None:
    """Whoever may not set a limit may not raise or remove it either, whatever its scope."""
    work, admin = cast.work, cast.people["admin"]
    of_project, wide = expected(viewer=FORBIDDEN, owner=YES), expected(stranger=FORBIDDEN, viewer=FORBIDDEN)
    scopes = {
        "project": (work.project, of_project), "spec": (work.spec, of_project), "ticket": (work.ticket, of_project),
        "global": (None, wide), "phase": ("design", wide), "agent": (work.agent, wide),
    }  # fmt: skip
    for scope, (key, wanted) in scopes.items():
        for kind, person in cast.people.items():
            budget = admin.make("/costs/budgets", scope_type=scope, scope_id=key, limit_amount=5)["id"]
            changed = person.ask("PATCH", f"/costs/budgets/{budget}", json={"limit_amount": 9}).status_code
            limits = {one["id"]: one["limit_amount"] for one in admin.get("/costs/budgets").json()}
            deleted = person.ask("DELETE", f"/costs/budgets/{budget}").status_code
            gone = budget not in {one["id"] for one in admin.get("/costs/budgets").json()}
            agree({kind: changed}, wanted)
            agree({kind: 200 if deleted == 204 else deleted}, wanted)
            assert (limits[budget], gone) == ((9, True) if changed == 200 else (5, False)), (scope, kind)


def test_forecasts_are_for_the_people_of_a_project(cast: Cast) -> None:
    """How much work is left is nobody else's business."""
    agree(cast.statuses("GET", f"/projects/{cast.work.project}/forecast"), expected())
    agree(cast.statuses("GET", f"/specs/{cast.work.spec}/forecast"), expected())


def test_wide_scopes_are_for_administrators(cast: Cast) -> None:
    """Global, agent and phase scopes belong to administrators, to read and to limit."""
    wanted = expected(stranger=FORBIDDEN, viewer=FORBIDDEN)
    for query in (
        "scope_type=global",
        f"scope_type=agent&scope_id={cast.work.agent}",
        "scope_type=phase&scope_id=design",
    ):
        agree(cast.statuses("GET", f"/costs/summary?{query}"), wanted)
        agree(cast.statuses("GET", f"/costs/budgets/check?{query}"), wanted)
        document = dict(part.split("=") for part in query.split("&")) | {"limit_amount": 5}
        agree(cast.statuses("POST", "/costs/budgets", json=document), wanted)


def test_a_listing_shows_own_projects_only(cast: Cast) -> None:
    """Without a filter everybody sees what is theirs."""
    cast.people["member"].make("/costs/records", **call_of(cast.work.task))
    seen = {kind: len(person.get("/costs/records").json()) for kind, person in cast.people.items() if kind != "nobody"}
    assert seen == {"stranger": 0, "viewer": 1, "member": 1, "owner": 1, "admin": 1, "founder": 1}


def test_sums_beyond_one_project_hold_own_projects_only(platform: Platform, cast: Cast) -> None:
    """Whoever administers another organization is told nothing of this one by global and phase sums."""
    cast.people["member"].make("/costs/records", **call_of(cast.work.task))
    outsider = platform.person()
    second = cast.people["admin"].make("/organizations", name="Second")["id"]
    cast.people["admin"].make(f"/organizations/{second}/members", user_id=outsider.id, role="admin")
    for which in ({"scope_type": "global"}, {"scope_type": "phase", "scope_id": "design"}):
        own, elsewhere = (one.get("/costs/summary", **which).json() for one in (cast.people["founder"], outsider))
        assert (own["record_count"], elsewhere["record_count"]) == (1, 0)


def test_who_was_removed_is_a_stranger(cast: Cast) -> None:
    """Leaving a project or its organization ends every right at once."""
    people, work = cast.people, cast.work
    path = f"/costs/summary?scope_type=project&scope_id={work.project}"
    assert people["owner"].ask("DELETE", f"/projects/{work.project}/members/{people['member'].id}").status_code == 204
    assert (
        people["admin"].ask("DELETE", f"/organizations/{work.organization}/members/{people['owner'].id}").status_code
        == 204
    )
    statuses = cast.statuses("GET", path)
    assert (statuses["member"], statuses["owner"], statuses["viewer"]) == (404, 404, 200)


def test_nobody_makes_an_administrator_of_themselves(cast: Cast) -> None:
    """Founding a further organization is for administrators, and owners are made by owners."""
    assert cast.people["stranger"].post("/organizations", name="Mine").status_code == 403
    assert cast.people["admin"].post("/organizations", name="Second").status_code == 201
    path = f"/organizations/{cast.work.organization}/members"
    document = {"user_id": cast.people["admin"].id, "role": "owner"}
    assert cast.people["member"].ask("POST", path, json=document).status_code == 404
    assert cast.people["owner"].ask("POST", path, json=document).status_code == 403
    assert cast.people["admin"].ask("POST", path, json=document).status_code == 403
    founder = cast.people["founder"]
    assert founder.ask("DELETE", f"{path}/{founder.id}").status_code == 409


@pytest.mark.parametrize(
    "flaw",
    [{"exp": 1}, {"type": "refresh"}, {"sub": "nobody-we-know"}, {"jti": None}],
    ids=["expired", "refresh", "unknown", "nameless"],
)
def test_a_flawed_token_opens_nothing(platform: Platform, flaw: dict[str, object]) -> None:
    """A good token opens; the same with one flaw does not."""
    person, now = platform.person(), int(utc_now().timestamp())
    good = {"sub": person.id, "iat": now, "exp": now + 60, "type": "access", "jti": "1"}
    bad = {name: value for name, value in (good | flaw).items() if value is not None}
    answers = [
        Person(person.http, person.id, signed(claims, key, algorithm)).get("/auth/me").status_code
        for claims, key, algorithm in (
            (good, SECRET, "HS256"),
            (bad, SECRET, "HS256"),
            (good, SECRET, "HS384"),
            (good, SECRET + "x", "HS256"),
            (good, None, "none"),
        )
    ]
    assert answers == [200, 401, 401, 401, 401]


def signed(claims: Mapping[str, object], key: str | None, algorithm: str) -> str:
    """A token over these claims, without a signature when there is no key."""
    return jwt.encode(dict(claims), key or "", algorithm)  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
