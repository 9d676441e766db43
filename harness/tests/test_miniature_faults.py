"""The miniature platform goes wrong in exactly the ways it is told to."""

import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import httpx
import pytest

from harness.errors import PlatformMisbehaved
from harness.targets.terms import Scope
from harness.tests.miniature import (
    LISTED,
    MINIATURE,
    SECRET,
    START_SECONDS,
    UNLISTED,
    Ground,
    Scene,
    answers,
    await_port,
    launched,
    opened_ground,
    scene,
)

# Faults that do not hide one another share one process; the others need one each.
SIDE_BY_SIDE: Final = (
    "unknown-provider-raises",
    "rounds-to-cents",
    "deletes-costs",
    "begins-unchecked",
    "streams-are-free",
    "floods-log",
    "prints-secret",
)
ALONE: Final = ("stores-nothing", "dies-on-record", "hangs", "answers-500", "exits-0-at-start", "hangs-at-start")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Real servers, and the miniature's own revisions applied once."""
    with opened_ground() as opened:
        yield opened


@pytest.fixture(scope="module")
def mischievous(ground: Ground) -> Iterator[Scene]:
    """The miniature with several faults at once."""
    with scene(ground, fault=",".join(SIDE_BY_SIDE)) as told:
        yield told


def test_costs_may_be_rounded(mischievous: Scene) -> None:
    """The cost is that of the file to the cent, and no closer."""
    assert mischievous.platform.record_cost(LISTED, task_id=mischievous.task).total_cost == 0.37


def test_costs_may_go_with_their_task(mischievous: Scene) -> None:
    """A deletion takes the rows of the task along."""
    mischievous.platform.record_cost(LISTED, task_id=mischievous.task)
    assert mischievous.stored() > 0
    assert mischievous.platform.delete_task(mischievous.task)
    assert mischievous.stored() == 0


def test_tasks_may_begin_without_budget(mischievous: Scene) -> None:
    """A task is given to its agent though nothing may be spent on its spec, which the next phase does mind."""
    platform, spec = mischievous.platform, in_requirements(mischievous)
    platform.set_budget(Scope(kind="spec", id=spec), Decimal(0))
    assert platform.start_task(platform.create_task(spec, "one"), mischievous.agent).granted
    assert not platform.advance_spec(spec).granted


def test_streams_may_be_free(mischievous: Scene) -> None:
    """What is answered as a stream is recorded with no tokens, and what is answered at once with its own."""
    platform, spec = mischievous.platform, in_requirements(mischievous)
    counts: list[list[int | None]] = []
    for streams in (True, False):
        agent = platform.create_agent(mischievous.project, "another", streams=streams)
        task = platform.create_task(spec, "one")
        assert platform.start_task(task, agent).granted
        assert platform.run_task(task).granted
        counts.append([cost.total_tokens for cost in platform.costs_of_task(task)])
    assert counts[0] == [0]
    assert counts[1] != [0]


def test_a_log_may_be_flooded_and_tell_the_secret(mischievous: Scene) -> None:
    """More than 30 MiB were written, and the secret is among them."""
    assert mischievous.program.log.dropped > 30 * 1024 * 1024
    assert SECRET in mischievous.program.output()


def test_unlisted_prices_may_raise(mischievous: Scene) -> None:
    """A call that the file lists is priced, one of an unknown provider is answered 500."""
    assert mischievous.platform.record_cost(LISTED, task_id=mischievous.task).total_cost
    # The last on this client: after an unhandled error the server closes the connection under the next request.
    with pytest.raises(PlatformMisbehaved, match="500"):
        mischievous.platform.record_cost(UNLISTED, task_id=mischievous.task)


def test_nothing_may_be_stored(ground: Ground) -> None:
    """The answer is that of a recorded cost, and there is no row."""
    with scene(ground, fault="stores-nothing") as told:
        assert told.platform.record_cost(LISTED, task_id=told.task).total_tokens == 1_999_999
        assert told.stored() == 0


def test_recording_may_be_deadly(ground: Ground) -> None:
    """The process ends with code 1, and there is no row."""
    with scene(ground, fault="dies-on-record") as told:
        with pytest.raises(PlatformMisbehaved):
            told.platform.record_cost(LISTED, task_id=told.task)
        assert told.program.wait(START_SECONDS) == 1
        assert told.stored() == 0


def test_a_start_may_hang_and_so_may_requests(ground: Ground) -> None:
    """One process hangs without a port while another, started after it, has long opened its own to answer nothing."""
    with launched(ground, "hangs-at-start") as (stuck, closed), launched(ground, "hangs") as (program, instance):
        assert await_port(program, instance)
        assert stuck.alive
        assert not answers(closed)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{instance.url}/api/v1/costs/records", timeout=2.0)
        stuck.kill()
        program.kill()


def test_every_request_may_be_answered_500(ground: Ground) -> None:
    """Even a request without a token is answered 500."""
    with launched(ground, "answers-500") as (program, instance):
        assert await_port(program, instance)
        answer = httpx.get(f"{instance.url}/api/v1/costs/records")
        assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR


def test_a_start_may_end_with_success_and_no_port(ground: Ground) -> None:
    """The process ends with code 0 before it serves anything."""
    with launched(ground, "exits-0-at-start") as (program, _):
        assert program.wait(START_SECONDS) == 0


def test_an_unknown_fault_stops_the_start(ground: Ground) -> None:
    """A typing error in the fault's name does not pass for health."""
    with launched(ground, "hungs") as (program, _):
        assert program.wait(START_SECONDS) not in (None, 0)
        assert "MINIATURE_FAULT names hungs" in program.output()


def in_requirements(told: Scene) -> str:
    """A spec of its own that was begun."""
    spec = told.platform.create_spec(told.project, "another")
    assert told.platform.advance_spec(spec).granted
    return spec


def test_every_fault_is_tried_here() -> None:
    """No fault that the miniature documents is missing among these tests."""
    listing = "import json; from omoi_os.faults import FAULTS; print(json.dumps(list(FAULTS)))"
    said = subprocess.run([sys.executable, "-c", listing], cwd=MINIATURE, capture_output=True, check=True, timeout=60)
    assert sorted(json.loads(said.stdout)) == sorted((*SIDE_BY_SIDE, *ALONE))
