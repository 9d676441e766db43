"""A platform's services, asked beside a running instance: by several callers at the same time, and after a loss."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from harness.errors import CannotTell
from harness.interpreter.protocol import WorkerRefused
from harness.targets.inside import Inside

SHAPE: Final = TypeAdapter(dict[str, Any])
BACKING: Final = "class {name}:\n    def __init__(self, *address, **named): pass\n"
SERVICE: Final = """
import os, time, types

under_way = []

class CostTrackingService:
    def __init__(self, database, bus): pass

    def record_llm_cost(self, *, task_id):
        if task_id == "unknown":
            raise LookupError("no such task")
        under_way.append(task_id)
        time.sleep(0.2 if task_id == "meets" else 20 if task_id == "long" else 0)
        met = len(under_way)
        under_way.pop()
        columns = {"id": 1, "met": 1}
        return types.SimpleNamespace(__table__=types.SimpleNamespace(columns=columns), id=os.getpid(), met=met)
"""


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    """The services of a platform in which only costs are recorded."""
    services = tmp_path / "omoi_os" / "services"
    services.mkdir(parents=True)
    for name, text in {
        "database": BACKING.format(name="DatabaseService"),
        "event_bus": BACKING.format(name="EventBusService"),
        "cost_tracking": SERVICE,
    }.items():
        (services / f"{name}.py").write_text(text, encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": "nowhere", "REDIS_URL": "nowhere"}
    opened = Inside(sys.executable, tmp_path, env=env)
    yield opened
    opened.close()


def record(inside: Inside, task: str) -> int:
    """Have a cost recorded; the number of the process that did it."""
    return inside.call("services.record_llm_cost", SHAPE, task_id=task)["record"]["id"]


def test_callers_are_answered_at_the_same_time(inside: Inside) -> None:
    """Whoever asks while others are answered is answered together; one that is refused is refused alone."""
    tasks = ("meets", "meets", "unknown", "meets", "meets", "meets")
    with ThreadPoolExecutor(len(tasks)) as pool:
        under_way = [pool.submit(inside.call, "services.record_llm_cost", SHAPE, task_id=task) for task in tasks]
        errors = [type(one.exception()) for one in under_way]
    assert [error for error in errors if error is not type(None)] == [WorkerRefused]
    assert max(one.result()["record"]["met"] for one in under_way if not one.exception()) > 1


def test_whoever_asks_first_may_go(inside: Inside) -> None:
    """The worker does not end with the thread of the caller for whom it was started."""
    first: list[int] = []
    caller = threading.Thread(target=lambda: first.append(record(inside, "alone")))
    caller.start()
    caller.join()
    assert record(inside, "alone") == first[0]


def test_a_worker_that_was_lost_is_started_anew(inside: Inside) -> None:
    """One question finds out, and the next is answered."""
    lost = record(inside, "alone")
    os.kill(lost, signal.SIGKILL)
    with pytest.raises(CannotTell):
        record(inside, "alone")
    assert record(inside, "alone") != lost


def test_after_its_end_nobody_is_answered(inside: Inside) -> None:
    """Neither whoever asks later nor whoever waits at that moment is left waiting."""
    record(inside, "alone")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(record, inside, "long")
        inside.close()
        with pytest.raises(CannotTell):
            waiting.result(20)
    with pytest.raises(CannotTell, match="was ended"):
        record(inside, "alone")
