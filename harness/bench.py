"""Measures the harness itself on this machine and prints every figure beside its target."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from harness import evidence, suite
from harness.model import Evidence, Record
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.workspace import Workspace

_ROUNDS: Final = 3
_SLOWEST: Final = 8
_COMMAND: Final = "from harness.entry import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with its target; a ratio above 1 misses it."""

    what: str
    measured: float
    target: float
    unit: str

    def __str__(self) -> str:
        """The figure, its target and the ratio of both on one line."""
        ratio = self.measured / self.target
        return f"{self.what:<38} {self.measured:8.2f} {self.unit:<3} target {self.target:6.1f}  ratio {ratio:5.2f}"


def main() -> None:
    """Print the figures: services, first outcome, whole run, memory, and where the time goes."""
    folder = suite.find(None)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {_ROUNDS} rounds")
    print(Figure(what="services up", measured=median(_times(_services)), target=2.0, unit="s"))
    with tempfile.TemporaryDirectory() as out:
        runs = [_run(folder, Path(out)) for _ in range(_ROUNDS)]
    print(Figure(what="first outcome", measured=median(run.first for run in runs), target=8.0, unit="s"))
    print(Figure(what="whole run", measured=median(run.whole for run in runs), target=80.0, unit="s"))
    print(
        Figure(what="memory of the conform process", measured=max(run.megabytes for run in runs), target=200, unit="MB")
    )
    print("\nslowest checks of the last run")
    for line in sorted(runs[-1].checks, key=lambda line: line.seconds, reverse=True)[:_SLOWEST]:
        print(f"{line.seconds:8.2f} s  {line.check}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    first: float
    whole: float
    megabytes: float
    checks: tuple[Evidence, ...]


def _run(folder: Path, out: Path) -> _Run:
    began = time.time()
    command = (sys.executable, "-c", _COMMAND, "run", "--suite", str(folder), "--out", str(out))
    with tempfile.TemporaryFile() as talk:
        process = subprocess.Popen(command, stdout=talk, stderr=talk)
        largest = _peak(process)
    whole = time.time() - began
    if process.returncode != 0:
        raise SystemExit(f"the run ended with code {process.returncode}, so its time says nothing")
    record = evidence.read(out / "latest" / "evidence.jsonl")
    return _Run(first=_first(record, began), whole=whole, megabytes=largest, checks=record.evidence)


def _first(record: Record, began: float) -> float:
    return min(line.at.timestamp() for line in record.evidence) - began


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


def _times(action: Callable[[], None]) -> Iterable[float]:
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        action()
        yield time.perf_counter() - began


if __name__ == "__main__":
    main()
