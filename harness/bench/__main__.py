"""`python -m harness.bench`: every part in turn, each with its heading; `--help` tells how to ask for more or less."""

import argparse
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness import suite
from harness.bench import latency, peers, whole

_ROWS: Final = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for: which parts, how many rounds of each, how many measurements, up to how many records."""

    parts: tuple[str, ...]
    rounds: int
    samples: int
    rows: int


def main() -> None:
    """Print the figures of the parts that were asked for."""
    folder, wanted = suite.find(None), _wanted()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {wanted.rounds} rounds")
    for part in wanted.parts:
        began = time.perf_counter()
        _PARTS[part](folder, wanted)
        print(f"\n({part} took {time.perf_counter() - began:.0f} s)")


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m harness.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help="whole, latency, peers; all when none is named")
    parser.add_argument("--rounds", type=int, default=1, help="how often the whole run and each tool is measured")
    parser.add_argument("--samples", type=int, default=100, help="how many costs are recorded at each size")
    parser.add_argument("--rows", type=int, default=_ROWS[-1], help="the largest number of records")
    given = parser.parse_args()
    parts: tuple[str, ...] = tuple(given.parts) or tuple(_PARTS)
    return Wanted(parts=parts, rounds=max(1, given.rounds), samples=max(20, given.samples), rows=given.rows)


def _whole(folder: Path, wanted: Wanted) -> None:
    whole.measure(folder, rounds=wanted.rounds)


def _latency(folder: Path, wanted: Wanted) -> None:
    latency.measure(folder, sizes=[size for size in _ROWS if size <= wanted.rows], samples=wanted.samples)


def _peers(folder: Path, wanted: Wanted) -> None:
    peers.measure(folder / "reference_impl", rounds=wanted.rounds)


_PARTS: Final[Mapping[str, Callable[[Path, Wanted], None]]] = {"whole": _whole, "latency": _latency, "peers": _peers}


if __name__ == "__main__":
    main()
