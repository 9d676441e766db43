"""Given servers are used without touching what is not ours, or refused; here real servers of our own are given."""

from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest

from harness.errors import CannotTell
from harness.services import choice, given_postgres, given_redis
from harness.services.bus_client import BusClient
from harness.services.databases import connect
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.given import GivenRefused
from harness.services.given_postgres import GivenPostgres
from harness.services.given_redis import CLAIM, GivenRedis
from harness.services.interface import ServiceRefused
from harness.services.workspace import Workspace
from harness.tests import host as hosts
from harness.tests.host import SECRET, Host

RUN = "20261126t103837_e218d6_service"
OTHER_RUN = "20261126t103837_abcdef_service"


@pytest.fixture
def host() -> Iterator[Host]:
    """The servers of somebody else."""
    with hosts.opened() as made:
        yield made


def test_databases_are_made_under_the_name_of_the_run_and_dropped(host: Host) -> None:
    """Whatever somebody left open in them; what others have there stays."""
    before = host.databases
    with GivenPostgres(host.role, run=RUN) as server:
        first = server.create_database("a rather long label")
        with connect(server.url(first)) as connection:
            connection.execute("CREATE TABLE kept (n int)")
        clone = server.create_database("clone", template=first)
        assert host.databases == {*before, first, clone}
        assert {name.startswith(f"conform_{RUN}_") for name in (first, clone)} == {True}
        assert len(first) <= 63
        assert "kept" in server.dump_schema(clone)
        assert SECRET not in server.address
        left_open = connect(server.url(clone))
    assert host.databases == before
    with closing(left_open), pytest.raises(psycopg.Error):
        left_open.execute("SELECT 1")


def test_one_database_that_cannot_be_dropped_keeps_no_other(host: Host) -> None:
    """The trouble is told, and the rest is gone."""
    server = GivenPostgres(host.role, run=RUN)
    first, second, third = (server.create_database(label) for label in ("a", "b", "c"))
    host.execute(f"ALTER DATABASE {second} OWNER TO conform")
    with pytest.raises(ServiceRefused, match="must be owner"), server:
        pass
    assert second in host.databases
    assert not {first, third} & host.databases


def test_a_role_that_could_drop_what_is_not_ours_is_refused(host: Host) -> None:
    """An administrator where others have databases, and the owner of one of them; each is named."""
    assert given_postgres.verify(host.role)
    with pytest.raises(GivenRefused, match="shop"):
        given_postgres.verify(host.admin)
    host.execute("ALTER DATABASE shop OWNER TO tester")
    with pytest.raises(GivenRefused, match="shop"):
        given_postgres.verify(host.role)


def test_an_administrator_of_an_empty_server_is_welcome(host: Host) -> None:
    """As the role is that a container in a pipeline comes with."""
    host.execute("DROP DATABASE shop")
    assert given_postgres.verify(host.admin)


def test_a_role_that_may_create_no_database_is_refused(host: Host) -> None:
    """Before anything is judged."""
    host.execute("ALTER ROLE tester NOCREATEDB")
    with pytest.raises(GivenRefused, match="may not create databases"):
        given_postgres.verify(host.role)


def test_servers_that_cannot_be_reached_are_refused_without_their_passwords(host: Host) -> None:
    """A wrong password, a wrong port; the variables to look at are named."""
    wrong = host.role.replace("pa55", "wr0ng")
    dead = f"redis://:wr0ng@{urlsplit(host.admin).hostname}:1/0"
    for verify, url in ((given_postgres.verify, wrong), (given_redis.verify, dead)):
        with pytest.raises(GivenRefused, match=r"CONFORM_(POSTGRES|REDIS)_PASSWORD_FILE") as refused:
            verify(url)
        assert "wr0ng" not in str(refused.value)


def test_leftovers_of_killed_runs_are_dropped_and_nothing_else(host: Host) -> None:
    """What a run at work has made, what somebody is connected to, and what is not ours by its name or owner stays."""
    orphan, used = f"conform_{OTHER_RUN}_canary_ab12cd34", f"conform_{OTHER_RUN}_platform_ab12cd34"
    kept = (used, "conform_notes", "conformity", f"conform_{OTHER_RUN}_admins_ab12cd34")
    host.execute(
        *(f"CREATE DATABASE {name} OWNER tester" for name in (orphan, *kept[:3])), f"CREATE DATABASE {kept[3]}"
    )
    with GivenPostgres(host.role, run=RUN) as server, connect(f"{host.role}/{used}"):
        mine = server.create_database("canary")
        assert given_postgres.clean(host.role) == (orphan,)
        assert {*kept, mine, "shop"} <= host.databases
        assert orphan not in host.databases


def test_a_given_server_is_not_stopped_nor_killed(host: Host) -> None:
    """Whatever asks for it cannot tell; looking is allowed."""
    with GivenPostgres(host.role, run=RUN) as postgres, GivenRedis(host.redis, run=RUN) as redis:
        for server in (postgres, redis):
            verbs = (server.stop, server.kill, server.aim, server.pause, server.resume, server.restart)
            for verb in (*verbs, server.cut, server.mend, server.remove):
                with pytest.raises(CannotTell, match="given by its address must not be"):
                    verb()
            assert server.alive
        assert postgres.local_pid(1) == 0


def test_what_is_stored_in_a_claimed_database_is_removed(host: Host) -> None:
    """With the claim, and nothing in another database of that server."""
    host.store("theirs", "1", number=0)
    with GivenRedis(host.redis, run=RUN):
        host.store("stream", "1")
        with BusClient(host.redis) as client:
            assert client.value(CLAIM) == f"conform_{RUN}"
    with BusClient(host.redis) as ours, BusClient(host.numbered(0)) as theirs:
        assert (ours.size(), theirs.size()) == (0, 1)


def test_a_database_of_redis_that_holds_anything_is_refused(host: Host) -> None:
    """And stays as it is."""
    host.store("theirs", "1")
    with pytest.raises(GivenRefused, match="holds 1 keys, and stays"):
        GivenRedis(host.redis, run=RUN)
    assert given_redis.clean(host.redis) == ()
    with BusClient(host.redis) as client:
        assert client.value("theirs") == "1"


def test_a_redis_on_which_others_listen_is_refused(host: Host) -> None:
    """They would hear the platform, whatever the number of their database."""
    with BusClient(host.numbered(0)) as client, closing(client.subscribe("events.*")) as subscription:
        assert subscription.receive(5)
        with pytest.raises(GivenRefused, match="1 patterns"):
            given_redis.verify(host.redis)


def test_what_a_killed_run_stored_is_removed_and_what_a_run_at_work_stores_stays(host: Host) -> None:
    """A claim is worth as much as the connection of whoever made it."""
    with GivenRedis(host.redis, run=RUN):
        host.store("stream", "1")
        assert given_redis.clean(host.redis) == ()
        with pytest.raises(GivenRefused, match=f"claimed by the run conform_{RUN}"):
            GivenRedis(host.redis, run=OTHER_RUN)
    host.store(CLAIM, f"conform_{OTHER_RUN}")
    host.store("stream", "1")
    assert given_redis.clean(host.redis) == (f"conform_{OTHER_RUN}",)
    assert given_redis.verify(host.redis)


def test_kinds_of_services_are_chosen_in_one_place(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their word or by their addresses."""
    for name, password in host.passwords.items():
        monkeypatch.setenv(name, password)
    words = host.words
    assert len(choice.verify(words)) == 2
    with (
        Workspace.open() as opened,
        choice.open_quarters(words, opened, run=RUN) as given,
        choice.open_quarters("embedded", opened, run=RUN) as embedded,
        given.database_server(durable=True) as server,
        given.bus_server() as bus,
    ):
        assert isinstance(server, GivenPostgres)
        assert isinstance(bus, GivenRedis)
        for one in (given.spare_bus_server(), embedded.spare_bus_server(), embedded.bus_server()):
            with one as spare:
                assert isinstance(spare, EmbeddedRedis)
    assert choice.verify("embedded") == choice.clean("embedded") == choice.clean(words) == ()
