"""Runs the lanes of a plan and gathers what they saw, as they see it, into one evidence file."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from pydantic import ValidationError

from harness import evidence, lane, repairs, source
from harness.errors import TargetNotFound
from harness.evidence import EvidenceWriter
from harness.lane import Assignment
from harness.model import Canary, Evidence, Header, Lane, Repair
from harness.plan import Plan
from harness.repairs import Masked
from harness.services import addresses, deployed
from harness.services.workspace import Workspace

FILE: Final = "evidence.jsonl"
# Two lanes share the two cores, and whichever ends makes room for the next; whatever measures time runs alone then.
_AT_ONCE: Final = 2
_ALONE: Final[Lane] = "quiet"
_GOODBYE_SECONDS: Final = 20.0
_LOOK_SECONDS: Final = 0.05
_PYTEST_ENDINGS: Final = frozenset({0, 1, 5})


class Watch(Protocol):
    """Somebody who looks on while a run goes on."""

    def began(self, header: Header, planned: Plan) -> None:
        """The run has begun."""
        ...

    def saw(self, line: Evidence | Canary) -> None:
        """A lane has written a line."""
        ...

    def repeats(self, masked: Masked) -> None:
        """Some checks are done once more, since one defect hid what they wanted to see."""
        ...

    def ended(self) -> None:
        """No more lines will come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Where a run is observed from: its folder, the target's driver, how long a lane may write nothing.

    `baseline` is the source of a version without cost tracking, where one was named; `services` are the kind of the
    services, or their addresses without passwords.
    """

    folder: Path
    driver: str
    baseline: Path | None = None
    silence_seconds: float = 900.0
    services: str = "embedded"


@dataclass(kw_only=True)
class _Running:
    assignment: Assignment
    process: subprocess.Popen[bytes]
    log: Path
    awaited: set[str]
    seen: list[Evidence] = field(default_factory=list[Evidence])
    silenced: bool = False
    offset: int = 0
    heard: float = field(default_factory=time.monotonic)


def observe(header: Header, planned: Plan, *, station: Station, watch: Watch) -> Path:
    """Run every lane and give the evidence file; interrupted, it stays without a footer."""
    began = time.monotonic()
    path = station.folder / FILE
    with ExitStack() as stack:
        writer = stack.enter_context(EvidenceWriter(path))
        writer.append(header)
        watch.began(header, planned)
        stack.callback(watch.ended)
        workspace = stack.enter_context(Workspace.open())
        crew = _Crew(header, station=station, workspace=workspace, writer=writer, watch=watch)
        troubles = tuple(crew.work(planned))
        writer.seal(
            finished=datetime.now(UTC),
            seconds=round(time.monotonic() - began, 3),
            target_digest=_digest(header.run.target.source),
            troubles=troubles,
        )
    return path


def _digest(place: str) -> str:
    """What a platform is by now: its source, or what it publishes where it runs already; empty when it is gone."""
    if not deployed.is_url(place):
        return source.digest(Path(place))
    from harness.targets import deployment  # noqa: PLC0415 - its HTTP client takes a while to import

    try:
        return deployment.published(place).digest
    except TargetNotFound:
        return ""


class _Crew:
    """The lane processes of one run."""

    def __init__(
        self, header: Header, *, station: Station, workspace: Workspace, writer: EvidenceWriter, watch: Watch
    ) -> None:
        self._header = header
        self._station = station
        self._workspace = workspace
        self._writer = writer
        self._watch = watch

    def work(self, planned: Plan) -> Iterator[str]:
        """Let every lane do its checks, some of them once more where it saw a known defect hide what is behind it.

        Gives what kept any from ending well. A lane's later round depends on nothing but what that lane saw before.
        """
        waiting = [self._assignment(planned, name) for name in planned.lanes]
        running: list[_Running] = []
        try:
            while waiting or running:
                while (due := self._due(waiting, running)) is not None:
                    waiting.remove(due)
                    running.append(self._start(due))
                for one in tuple(running):
                    if self._has_ended(one):
                        running.remove(one)
                        yield from _troubles(one)
                        # What is to be done once more comes first: a whole lane may have waited behind one defect.
                        waiting = [*self._again(one), *waiting]
                time.sleep(_LOOK_SECONDS)
        finally:
            for one in running:
                _dismiss(one)
                self._gather(one)

    def _due(self, waiting: list[Assignment], running: list[_Running]) -> Assignment | None:
        """What may begin beside what runs, if anything."""
        shared = [one for one in waiting if one.lane != _ALONE]
        if not shared:
            return waiting[0] if waiting and not running else None
        # On one Redis lanes would hear one another.
        at_once = 1 if addresses.are(self._station.services) else _AT_ONCE
        return shared[0] if len(running) < at_once else None

    def _has_ended(self, one: _Running) -> bool:
        """Gather what it has written; one that was silent for too long is ended."""
        ended = one.process.poll() is not None
        self._gather(one)
        if not ended and time.monotonic() - one.heard > self._station.silence_seconds:
            one.silenced = True
            one.process.kill()
        return ended

    def _again(self, one: _Running) -> Iterator[Assignment]:
        """What the lane is to look at once more, under which repairs."""
        masked = repairs.masked(self._header, one.seen, mended=one.assignment.repairs)
        if masked.repairs:
            self._watch.repeats(masked)
            yield self._assignment(masked.planned, one.assignment.lane, masked.repairs)

    def _assignment(self, planned: Plan, name: Lane, mended: tuple[Repair, ...] = ()) -> Assignment:
        return Assignment(
            run=self._header.run,
            lane=name,
            driver=self._station.driver,
            baseline=self._station.baseline,
            checks=planned.of(name),
            shard=self._workspace.path(f"{name}-{len(mended)}.jsonl"),
            workspace=self._workspace.folder,
            services=self._station.services,
            repairs=mended,
        )

    def _start(self, assignment: Assignment) -> _Running:
        log = self._station.folder / f"lane-{assignment.label}.log"
        with log.open("wb") as talk:
            process = lane.start(assignment, log=talk)
        self._workspace.register(process.pid)
        return _Running(
            assignment=assignment, process=process, log=log, awaited={check.id for check in assignment.checks}
        )

    def _gather(self, one: _Running) -> None:
        for line in _written(one):
            self._writer.append(line)
            self._watch.saw(line)
            if isinstance(line, Evidence):
                one.awaited.discard(line.check)
                one.seen.append(line)


def _written(one: _Running) -> Iterator[Evidence | Canary]:
    """What a lane has written since it was last looked at."""
    if not one.assignment.shard.exists():
        return
    with one.assignment.shard.open("rb") as shard:
        shard.seek(one.offset)
        whole, newline, _ = shard.read().rpartition(b"\n")
    one.offset += len(whole) + len(newline)
    for encoded in whole.split(b"\n") if whole else ():
        one.heard = time.monotonic()
        try:
            line = evidence.parse_line(encoded)
        except ValidationError:
            continue  # the check stays without evidence, which is never green
        if isinstance(line, Evidence | Canary):
            yield line


def _troubles(one: _Running) -> Iterator[str]:
    code = one.process.returncode
    if code in _PYTEST_ENDINGS and not one.awaited:
        return
    how = "was ended because it wrote nothing for too long" if one.silenced else f"ended with code {code}"
    last = one.log.read_text(errors="replace").strip().splitlines()[-1:]
    undone = f"{len(one.awaited)} checks undone: {' '.join(last)} (see {one.log.name})"
    yield f"the {one.assignment.lane} lane {how}, {undone}"


def _dismiss(one: _Running) -> None:
    # Like Ctrl-C: pytest takes its fixtures down, services and platform included.
    one.process.send_signal(signal.SIGINT)
    try:
        one.process.wait(_GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        one.process.kill()
        one.process.wait()
