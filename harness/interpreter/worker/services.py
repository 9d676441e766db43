"""Uses the platform's services as its own code does, on the database and the bus that the environment names.

What is timed is the platform's part alone: the call of its method, from its first line to its return.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import time
from typing import Any

PACKAGE = "omoi_os"


def record_llm_cost(**call: Any) -> dict[str, Any]:
    """Have the cost service record what a call cost; the record's columns as it gives them, and how long it took."""
    service = made("services.cost_tracking", "CostTrackingService")
    begun = time.perf_counter_ns()
    record = service.record_llm_cost(**call)
    nanoseconds = time.perf_counter_ns() - begun
    return {"record": columns(record), "nanoseconds": nanoseconds}


def assign_task(*, task_id: str, agent_id: str) -> dict[str, Any]:
    """Have the queue give a task to an agent."""
    made("services.task_queue", "TaskQueueService").assign_task(task_id, agent_id)
    return {}


def end_task(*, task_id: str, status: str) -> dict[str, Any]:
    """Have the queue note how a task has ended."""
    made("services.task_queue", "TaskQueueService").update_task_status(task_id, status)
    return {}


def enqueue_task(*, ticket_id: str, phase_id: str, description: str) -> dict[str, Any]:
    """Have the queue take a new task of a ticket."""
    words = {"task_type": "implement_feature", "description": description, "priority": "MEDIUM"}
    queue = made("services.task_queue", "TaskQueueService")
    return {"id": str(queue.enqueue_task(ticket_id=ticket_id, phase_id=phase_id, **words).id)}


@functools.cache
def made(module: str, name: str) -> Any:
    """One of the services, made with the database and the bus, as the application makes it; early ones have no bus."""
    service = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
    return service(*backing()[: len(inspect.signature(service).parameters)])


@functools.cache
def backing() -> tuple[Any, Any]:
    """The platform's own database and bus services."""
    database = importlib.import_module(f"{PACKAGE}.services.database")
    bus = importlib.import_module(f"{PACKAGE}.services.event_bus")
    return (
        database.DatabaseService(os.environ["DATABASE_URL"]),
        bus.EventBusService(redis_url=os.environ["REDIS_URL"]),
    )


def columns(record: Any) -> dict[str, Any]:
    """What a stored record holds; keys that are no text or number are given as text."""
    names = record.__table__.columns.keys()
    return {name: plain(getattr(record, name)) for name in names}


def plain(value: Any) -> Any:
    """A value that JSON knows."""
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
