"""How long a whole run takes: until its services are up, its first outcome, its end, by lane and by slowest check."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from harness import evidence
from harness.bench import timing
from harness.bench.figures import Measure
from harness.bench.timing import Timing
from harness.errors import EXIT_CONFORMANT, EXIT_UNDETERMINED
from harness.model import LANES
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace

_SLOWEST: Final = 10
_COMMAND: Final = "from harness.entry import main; main()"


def measure(folder: Path, *, rounds: int) -> None:
    """Print the medians of so many runs of the reference."""
    print("\nthe whole run")
    print(Measure(what="services up", measured=median(_times(_services, rounds)), target=2.0, unit="s"))
    with tempfile.TemporaryDirectory() as out:
        runs = [_run(folder, Path(out)) for _ in range(rounds)]
    print(Measure(what="first outcome", measured=median(run.first for run in runs), target=8.0, unit="s"))
    print(Measure(what="whole run", measured=median(run.whole for run in runs), target=120.0, unit="s"))
    peak = max(run.megabytes for run in runs)
    print(Measure(what="memory of the conform process", measured=peak, target=200, unit="MB"))
    for line in (*_by_lane(runs), *_slowest(runs)):
        print(line)


def _by_lane(runs: Sequence[Timing]) -> Iterable[str]:
    yield "\nby lane, from the start of the run to its last outcome"
    for lane in LANES:
        ends = [run.lanes[lane] for run in runs if lane in run.lanes]
        if ends:
            yield f"{median(ends):8.2f} s  {lane}"


def _slowest(runs: Sequence[Timing]) -> Iterable[str]:
    yield "\nslowest checks"
    typical = {check: median(run.checks.get(check, 0.0) for run in runs) for check in runs[-1].checks}
    for check in sorted(typical, key=typical.__getitem__, reverse=True)[:_SLOWEST]:
        yield f"{typical[check]:8.2f} s  {check}"


def _run(folder: Path, out: Path) -> Timing:
    began = time.time()
    where = ("--suite", str(folder), "--out", str(out), "--services", "embedded")
    command = (sys.executable, "-c", _COMMAND, "run", *where)
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(command, stdout=talk, stderr=talk)
        largest = _peak(process)
    whole = time.time() - began
    if process.returncode not in (EXIT_CONFORMANT, EXIT_UNDETERMINED):
        raise SystemExit(f"the run ended with code {process.returncode}, so its time says nothing")
    record = evidence.read(out / "latest" / "evidence.jsonl")
    return timing.read(record, began=began, whole=whole, megabytes=largest)


def _peak(process: subprocess.Popen[bytes]) -> float:
    """The largest resident size in MB that the process itself had."""
    watched, largest = psutil.Process(process.pid), 0.0
    while process.poll() is None:
        try:
            largest = max(largest, watched.memory_info().rss / 2**20)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.05)
    process.wait()
    return largest


def _services() -> None:
    with Workspace.open() as workspace:
        starts = (lambda: EmbeddedPostgres.start(workspace), lambda: EmbeddedRedis.start(workspace))
        for start in starts:
            start()


def _times(action: Callable[[], None], rounds: int) -> Iterable[float]:
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        yield time.perf_counter() - began
