"""The instruments of access see each door that a tiny service leaves open, and none where it leaves none."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest

from harness.errors import PlatformRefused
from harness.journal import Journal
from harness.observe import filling, operations
from harness.observe.doorway import House, Told
from harness.observe.filling import Cast
from harness.observe.traces import Marks
from harness.probes import access
from harness.probes.access import Access
from harness.probes.overrides import LIMITS, NO_WAYS, Attempt, Deed, Overrides
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.workspace import Workspace
from harness.tests import door

ASKED: Final = {"total_tokens": 77_777, **dict.fromkeys(LIMITS, 54_321.25)}
CAST: Final = Cast(ids={"task": (door.TASK,), "budget": ("7",)}, values=ASKED)
OPERATIONS: Final = operations.listed(door.DESCRIPTION)


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A database of the service's own."""
    with Workspace.open() as workspace:
        postgres = EmbeddedPostgres.start(workspace)
        yield postgres.url(postgres.create_database("door"))


@contextmanager
def entrance(database_url: str, *defects: str) -> Generator[Access]:
    """The instrument at a service with these defects."""
    filled = filling.fill([one for one in OPERATIONS if one.tells_money], CAST)
    own = Marks.of(numbers=(door.COST, door.LIMIT), words=(door.TASK,))
    with door.opened(database_url, *defects) as url:
        house = House(url=url, own=own)
        insiders = access.measure_insiders(house, filled, {"member": "member", "organisation owner": "owner"})
        yield Access(Journal(), house, filled, insiders)


@contextmanager
def trial(database_url: str, *defects: str, ways: Mapping[str, Deed] = NO_WAYS) -> Generator[Overrides]:
    """The instrument that writes at a service with these defects."""
    filled = filling.fill([one for one in OPERATIONS if one.writes], CAST)
    with door.opened(database_url, *defects) as url:
        yield Overrides(Journal(), House(url=url), filled, database_url=database_url, ways=ways)


def shown(told: tuple[Told, ...]) -> list[str]:
    """The questions whose answers show the scene."""
    return [one.question.label for one in told if one.own]


def changed(attempts: tuple[Attempt, ...]) -> list[str]:
    """The questions after which a limit was another."""
    return [one.told.question.label for one in attempts if one.changes]


def test_a_closed_door_shows_nothing_outside_and_everything_inside(database_url: str) -> None:
    """A list without the scene and a refusal are both no breach."""
    with entrance(database_url) as closed:
        inside = closed.insider("member")
        assert [one.question.label for one in inside if closed.shows_all(one)] == [
            "GET /costs",
            "GET /costs (task)",
            "GET /tasks/{task_id}/costs (task)",
        ]
        for who, token in (("anonymous", None), ("stranger", "stranger")):
            told = closed.outsider(who, token)
            assert not shown(told)
            assert not [one for one in told if closed.told_inside(one) or closed.broken(one)]


def test_a_route_that_is_open_to_all_is_seen(database_url: str) -> None:
    """Nobody's answers hold the cost, and are what members are told."""
    with entrance(database_url, "open-to-all") as access_of_all:
        told = access_of_all.outsider("anonymous", None)
        assert len(shown(told)) == 3
        assert access_of_all.told_inside(told[0])


@pytest.mark.parametrize(
    ("defect", "label"),
    [("unfiltered-for-all", "GET /costs"), ("guessed-id", "GET /tasks/{task_id}/costs (task)")],
)
def test_what_a_stranger_is_shown_is_seen(database_url: str, defect: str, label: str) -> None:
    """By a list without a filter, and by an id that was guessed."""
    with entrance(database_url, defect) as leaking:
        assert shown(leaking.outsider("stranger", "stranger")) == [label]


def test_a_server_error_is_no_refusal(database_url: str) -> None:
    """Where members are answered, a stranger is answered or refused."""
    with entrance(database_url, "breaks-for-strangers") as breaking:
        told = breaking.outsider("stranger", "stranger")
        assert [one.question.label for one in told if breaking.broken(one)] == ["GET /tasks/{task_id}/costs (task)"]


def test_a_member_who_is_shown_less_than_others_is_seen(database_url: str) -> None:
    """What the owner is shown is due to the member."""
    with entrance(database_url, "hides-from-members") as hiding:
        lacking = [one.question.label for one in hiding.insider("member") if not hiding.shows_all(one)]
        assert lacking == ["GET /tasks/{task_id}/costs (task)"]


def test_limits_stay_where_doors_are_closed(database_url: str) -> None:
    """Neither members nor strangers nor nobody change a limit, and the owner does."""
    with trial(database_url) as closed:
        for who in ("member", "stranger", None):
            assert not changed(closed.everything(f"{who}", who, ASKED))
        assert closed.twin("owner", "owner")[-1].achieved


@pytest.mark.parametrize(
    ("defect", "label"),
    [
        ("members-set-limits", "PUT /budgets/{budget_id} (budget)"),
        ("side-field", "POST /tasks/{task_id}/notes (task) with "),
    ],
)
def test_a_way_to_a_limit_is_seen(database_url: str, defect: str, label: str) -> None:
    """By an operation whose owner check is missing, and by a field beside what is described."""
    with trial(database_url, defect) as open_to_members:
        ways = changed(open_to_members.everything("member", "member", ASKED))
        assert ways
        assert all(way.startswith(label) for way in ways)


def test_a_limit_that_is_no_number_is_seen_in_the_database(database_url: str) -> None:
    """Written out as it stands, since JSON has no word for it."""
    for raw in ("NaN", "Infinity", "-1", '"NaN"'):
        with trial(database_url) as strict, trial(database_url, "any-number") as loose:
            assert not changed(strict.unsound("owner", "owner", raw))
            assert changed(loose.unsound("owner", "owner", raw))


def test_a_limit_that_breaks_the_platform_is_neither_refused_nor_taken(database_url: str) -> None:
    """A server error refuses nothing, and no limit is another."""
    with trial(database_url, "breaks-on-no-number") as breaking:
        (attempt,) = breaking.unsound("owner", "owner", "NaN")
        assert (attempt.told.broken, attempt.told.refused, attempt.told.granted) == (True, False, False)
        assert str(attempt).endswith("answered owner 500, and no limit is another")


def test_scopes_and_ids_that_are_spared_are_not_asked(database_url: str) -> None:
    """What is left is asked as ever."""
    with trial(database_url, "members-set-limits") as open_to_members:
        assert not changed(open_to_members.everything("member", "member", ASKED, spared=["7"]))
        assert changed(open_to_members.wide("member", "member", ["7"]))
        assert not open_to_members.wide("member", "member", [])


def test_a_deletion_that_is_only_said_is_seen(database_url: str) -> None:
    """What the platform grants and does not store was not achieved."""
    with trial(database_url, "says-deleted") as saying:
        done = saying.attempts("owner", "owner", saying.budget_questions())
        assert [one.told.question.operation.method for one in done if not one.achieved] == ["DELETE"]


def test_who_records_costs_is_seen_in_the_database(database_url: str) -> None:
    """A stranger's cost is stored by a service that asks nobody who they are, and a member's by any."""
    with trial(database_url) as closed:
        assert not any(one.stored for one in closed.recording("stranger", "stranger"))
        assert any(one.stored for one in closed.recording("member", "member"))
    with trial(database_url, "records-for-all") as loose:
        assert any(one.stored for one in loose.recording("stranger", "stranger"))


def test_who_records_costs_in_a_way_that_no_operation_about_costs_is_is_seen_too(database_url: str) -> None:
    """A way that the platform takes from nobody leaves no cost, and one that it takes from anybody does."""

    def report(token: str | None) -> None:
        if token is not None:
            raise PlatformRefused("no", operation="report")
        with connect(database_url) as connection:
            connection.execute("INSERT INTO cost_records (task_id, total_tokens, total_cost) VALUES ('t', 1, 1)")

    with trial(database_url, ways={"a report": report}) as loose:
        *_, refused = loose.recording("stranger", "stranger")
        *_, taken = loose.recording("anonymous", None)
    assert (refused.stored, refused.told) == (False, "a report of stranger: no")
    assert (taken.stored, taken.told) == (True, "a report of anonymous was taken")
