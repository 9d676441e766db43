"""Measures what becomes of a platform's start when something that it needs is missing: does it stop, and say what?

Several starts go on side by side, an untouched one among them: how long that takes says how long the others may.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from typing import Final, Literal

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe.breaking import Kind, Lack
from harness.services.port import LOOPBACK
from harness.services.program import Launch
from harness.services.room import Process, Room

INSTRUMENT: Final = "startup"
AT_ONCE: Final = 3
HEALTHY_SECONDS: Final = 60.0
LEAST_SECONDS: Final = 30.0
TIMES_HEALTHY: Final = 3.0
ANSWER_SECONDS: Final = 15.0
CONFIRM_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.02
_SHOWN_LINES: Final = 3
# More than a bounded log holds.
_MOST_LINES: Final = 200_000
_SHOWN: Final = 300

Proof = Literal["missing", "there", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A start to be tried: what it lacks (None: nothing), and a program that says by its exit code if that is true.

    `confirm` ends with 0 when what is missing can be imported all the same.
    """

    lack: Lack | None
    launch: Launch
    port: int
    confirm: Launch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What became of a start: its exit code (None: it ran on), whether a port answered, what it wrote, how long.

    `proof` says what became of what was taken from it, where the blame hangs on that.
    """

    lack: Lack | None
    code: int | None
    answered: bool
    output: tuple[str, ...]
    seconds: float
    proof: Proof = "missing"

    def __str__(self) -> str:
        """One line for a report."""
        ending = "answered" if self.answered else "ran on" if self.code is None else f"ended with code {self.code}"
        said = " / ".join(line[:_SHOWN] for line in self.output[-_SHOWN_LINES:]) or "nothing"
        return f"{ending} after {self.seconds:.1f} s and said: {said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMeasurement:
    """Untouched starts, the others, and how many seconds one that fails may take."""

    healthy: tuple[Start, ...]
    broken: tuple[Start, ...]
    limit: float


class Startup:
    """The instrument of NFR-REL-002: notes the measured starts in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: StartMeasurement, *, absent: tuple[str, ...] = ()) -> None:
        """`absent` are modules of section 5.1 that no start was tried without."""
        self._journal = journal
        self._measurement = measurement
        self._absent = absent

    def unstopped(self, kind: Kind) -> tuple[str, ...]:
        """Starts of this kind that did not end by themselves with a non-zero code, or that had a port answer."""
        measured = self._measurement
        wrong: list[str] = []
        for start in self._starts(kind):
            stopped = start.code not in (None, 0) and not start.answered
            claim = f"the start {start.lack} stops within {measured.limit:.0f} s, and no port answers"
            self._journal.note(INSTRUMENT, claim, observed=str(start), examined=1, seconds=start.seconds)
            if not stopped:
                wrong.append(f"{start.lack}: it {start}")
        return tuple(wrong)

    def unnamed(self, kind: Kind) -> tuple[str, ...]:
        """Starts of this kind whose output does not name what is missing, beyond what any start says."""
        usual = {_told(line) for one in self._measurement.healthy for line in one.output}
        wrong: list[str] = []
        for start in self._starts(kind):
            own = (line for line in start.output if _told(line) not in usual)
            naming = next((line for line in own if start.lack is not None and start.lack.named_in(line)), None)
            seen = naming[-_SHOWN:] if naming else str(start)
            self._journal.note(INSTRUMENT, f"the start {start.lack} names it", observed=seen, examined=1)
            if naming is None:
                wrong.append(f"{start.lack}: it {start}")
        return tuple(wrong)

    def _starts(self, kind: Kind) -> Sequence[Start]:
        """The starts of a kind; CannotTell when there is none, or when one of them proves nothing."""
        measured = self._measurement
        for one in measured.healthy:
            self._journal.find(INSTRUMENT, "an untouched copy starts", observed=str(one), examined=1)
        if self._absent:
            claim = "modules of section 5.1 that are not there, or that nothing imports"
            self._journal.find(INSTRUMENT, claim, observed=self._absent, examined=len(self._absent))
        found = [start for start in measured.broken if start.lack is not None and start.lack.kind == kind]
        if not found:
            raise CannotTell("the platform imports nothing of this kind that could be taken from it")
        for start in found:
            if start.proof == "there":
                raise CannotTell(f"a start {start.lack} shows nothing, since it can be imported all the same")
            if start.proof == "unknown":
                raise CannotTell(f"a start {start.lack} shows nothing, since nobody could see whether it is missing")
            if start.code is None and not start.answered and start.seconds < measured.limit:
                raise CannotTell(f"a start {start.lack} had {start.seconds:.0f} s, and this machine became slower")
        return found


def measure_starts(
    healthy: Trial,
    broken: Sequence[Trial],
    room: Room,
    *,
    least: float = LEAST_SECONDS,
    confirm: float = CONFIRM_SECONDS,
) -> StartMeasurement:
    """Try every start, a few at once, each until it ends, answers, or took too long.

    `least` is the shortest limit, `confirm` how long it may take to see that something is missing; both in seconds.
    """
    starts = _Starts(room, least=least, confirm=confirm)
    ended = [starts.confirmed(trial, start) for trial, start in starts.watched((healthy, *broken))]
    controls = [start for start in ended if start.lack is None]
    if any(start.code is None and not start.answered for start in ended):
        # What was enough time a moment ago may no longer be.
        controls += [start for _, start in starts.watched((healthy,))]
    return StartMeasurement(
        healthy=tuple(controls),
        broken=tuple(start for start in ended if start.lack is not None),
        limit=_limit(controls, least),
    )


def _limit(healthy: Iterable[Start], least: float) -> float:
    """Three times the slowest untouched start, and no less than the least."""
    return max(least, TIMES_HEALTHY * max((start.seconds for start in healthy), default=HEALTHY_SECONDS))


class _Starts:
    """Starts that go on side by side."""

    def __init__(self, room: Room, *, least: float, confirm: float) -> None:
        self._room = room
        self._least = least
        self._confirm = confirm
        self._healthy: list[Start] = []

    def watched(self, trials: Sequence[Trial]) -> Iterator[tuple[Trial, Start]]:
        """Each trial with what became of it; none goes on once an untouched start has failed."""
        waiting, running = list(trials), list[tuple[Trial, Process, float]]()
        try:
            while waiting or running:
                while waiting and len(running) < AT_ONCE:
                    trial = waiting.pop(0)
                    running.append((trial, self._room.start(trial.launch, port=trial.port), time.monotonic()))
                for one in tuple(running):
                    start = self._seen(*one)
                    if start is not None:
                        running.remove(one)
                        yield one[0], start
                    if start is not None and start.lack is None and not start.answered:
                        return
                time.sleep(_LOOK_SECONDS)
        finally:
            for _, program, _ in running:
                program.kill()

    def confirmed(self, trial: Trial, start: Start) -> Start:
        """The start, and whether it truly lacks what it should where that is what the blame hangs on."""
        stopped = start.code not in (None, 0) and not start.answered
        if trial.confirm is None or stopped:
            return start
        program = self._room.start(trial.confirm, port=trial.port)
        try:
            return replace(start, proof=_proof(program.wait(self._confirm)))
        finally:
            program.kill()

    def _seen(self, trial: Trial, program: Process, began: float) -> Start | None:
        """What became of a start; None while it goes on."""
        code, seconds = program.returncode, time.monotonic() - began
        answered = _answers(trial.port)
        if code is None and not answered and seconds < self._longest(trial):
            return None
        # What it wrote is whole only when it is over.
        program.wait(0.0)
        program.kill()
        start = Start(lack=trial.lack, code=code, answered=answered, output=program.tail(_MOST_LINES), seconds=seconds)
        if trial.lack is None and answered:
            self._healthy.append(start)
        return start

    def _longest(self, trial: Trial) -> float:
        return HEALTHY_SECONDS if trial.lack is None else _limit(self._healthy, self._least)


def _answers(port: int) -> bool:
    """Whether somebody answers a request there, with whatever status."""
    connection = HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/openapi.json")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _proof(code: int | None) -> Proof:
    """What the exit code of a confirming program tells; nothing when it did not end, or a signal ended it."""
    if code is None or code < 0:
        return "unknown"
    return "missing" if code else "there"


def _told(line: str) -> str:
    """A line without what differs from one start to the next."""
    return re.sub(r"\d+", "0", line.strip())
