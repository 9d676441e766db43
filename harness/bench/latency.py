"""How long the reference takes to record a cost, and to sum a scope up, with ever more records in that scope."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, cast

from psycopg import Connection

from harness.bench import figures
from harness.bench.figures import Point
from harness.journal import Journal
from harness.observe import copies, history, scratch
from harness.services.databases import connect
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace
from harness.targets import index, launch
from harness.targets.launch import Running, Site
from harness.targets.platform import Platform
from harness.targets.terms import Call, Stopwatch, SummaryScope

_FEWEST: Final = 8
_MOST: Final = 100
# A summary that takes long is asked for less often.
_SECONDS: Final = 1.0
_CALL: Final = Call(provider="openai", model="gpt-4.1", prompt_tokens=1_000, completion_tokens=500)
_FIRST: Final = "SELECT id FROM cost_records ORDER BY recorded_at LIMIT 1"

Deed = Callable[[], object]


def measure(folder: Path, *, sizes: Sequence[int], samples: int) -> None:
    """Print the latencies at each size, on one axis."""
    print("\nlatencies of the reference over its interface, one caller: p50 (o), p95 (+) and p99 (*)")
    found: dict[str, list[Point]] = {}
    with ExitStack() as stack:
        bench = stack.enter_context(closing(_Bench(folder, stack)))
        for rows in sizes:
            bench.fill(rows)
            for name, deed in bench.deeds().items():
                often = samples if name == bench.RECORDING else 0
                found.setdefault(name, []).append(Point(rows=rows, values=tuple(bench.times(deed, often))))
    low, high = figures.ends([point for points in found.values() for point in points])
    print(figures.axis(low, high))
    for name, points in found.items():
        print(name)
        for line in figures.curve(points, low=low, high=high):
            print(line)


class _Bench:
    """The reference with one project, spec, task and agent, whose records are multiplied by our own SQL."""

    RECORDING: Final = "recording one cost"

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        driver = index.find("reference")
        source = cast("Path", driver.default_source(folder))
        site = Site(source=source, python=sys.executable, workspace=stack.enter_context(Workspace.open()))
        server = EmbeddedPostgres.start(site.workspace)
        stack.callback(server.stop)
        bus = EmbeddedRedis.start(site.workspace)
        stack.callback(bus.stop)
        given = launch.backing(database_url=_migrated(site, server), redis_url=bus.url)
        instance = stack.enter_context(Running.start(site, given)).instance
        self._journal = Journal()
        self._stopwatch = Stopwatch()
        self._connection: Connection[tuple[object, ...]] = stack.enter_context(connect(given.database_url))
        self._tenant: Platform = stack.enter_context(closing(driver.tenant(instance, self._journal)))
        project = self._tenant.create_project("bench")
        self._spec = self._tenant.create_spec(project, "bench")
        self._task = self._tenant.create_task(self._spec, "bench")
        self._agent = self._tenant.create_agent(project, "bench")
        self._scopes: dict[SummaryScope, str | None] = {
            "global": None,
            "project": project,
            "ticket": self._tenant.ticket_of(self._task),
            "spec": self._spec,
            "task": self._task,
            "agent": self._agent,
            "phase": "requirements",
        }
        # From now on as the latency verdicts do it: one kept connection, and only the time between request and answer.
        self._tenant.clock(self._stopwatch)
        self._record()

    def fill(self, rows: int) -> None:
        """Multiply the first record until there are so many."""
        [(first,)] = self._connection.execute(_FIRST).fetchall()
        copies.multiply(self._connection, "cost_records", first, max(0, rows - self._count()))

    def deeds(self) -> Mapping[str, Deed]:
        """What is measured: recording, then every summary."""
        return {
            self.RECORDING: self._record,
            **{f"summary, scope {scope}": self._summing(scope, key) for scope, key in self._scopes.items()},
            "costs of a spec by phase and agent": lambda: self._tenant.costs_of_spec(self._spec),
        }

    def times(self, deed: Deed, often: int) -> Iterator[float]:
        """Milliseconds of one answer after another; unless it is said how often, as many as a second holds."""
        deed()
        self._stopwatch.take()
        until = time.perf_counter() + _SECONDS
        count = 0
        while count < often if often else count < _FEWEST or (count < _MOST and time.perf_counter() < until):
            deed()
            count += 1
            yield self._stopwatch.take() / 1e6

    def close(self) -> None:
        """Forget the readings, which nobody judges."""
        self._journal.clear()

    def _record(self) -> None:
        self._tenant.record_cost(_CALL, task_id=self._task, agent_id=self._agent)

    def _summing(self, scope: SummaryScope, key: str | None) -> Deed:
        return lambda: self._tenant.summary(scope, key)

    def _count(self) -> int:
        [(count,)] = self._connection.execute("SELECT count(*) FROM cost_records").fetchall()
        return cast("int", count)


def _migrated(site: Site, server: EmbeddedPostgres) -> str:
    """The URL of a database at the newest revision."""
    with scratch.database(launch.ground(site, server), "bench", keep=True) as place:
        history.upgrade(place)
    return server.url(place.name)
