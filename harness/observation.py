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
_SHIFTS: Final[tuple[tuple[Lane, ...], ...]] = (("source", "service", "fresh"), ("quiet",))
_AT_ONCE: Final = 2
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
    lane: Lane
    process: subprocess.Popen[bytes]
    shard: Path
    log: Path
    awaited: set[str]
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
        troubles = [*crew.work(planned)]
        again = repairs.masked(header, crew.seen)
        while again.repairs:
            watch.repeats(again)
            crew.seen.clear()
            troubles += crew.work(again.planned, mended=again.repairs)
            again = repairs.masked(header, crew.seen, mended=again.repairs)
        writer.seal(
            finished=datetime.now(UTC),
            seconds=round(time.monotonic() - began, 3),
            target_digest=_digest(header.run.target.source),
            troubles=tuple(troubles),
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
        self.seen: list[Evidence] = []

    def work(self, planned: Plan, *, mended: tuple[Repair, ...] = ()) -> Iterator[str]:
        """Let every lane do its checks, the platform as it is or mended; gives what kept any from ending well."""
        for shift in _SHIFTS:
            yield from self._await([self._assignment(planned, name, mended) for name in shift if planned.of(name)])

    def _await(self, waiting: list[Assignment]) -> Iterator[str]:
        # On one Redis lanes would hear one another.
        at_once = 1 if addresses.are(self._station.services) else _AT_ONCE
        running: list[_Running] = []
        try:
            while waiting or running:
                while waiting and len(running) < at_once:
                    running.append(self._start(waiting.pop(0)))
                for one in tuple(running):
                    ended = one.process.poll() is not None
                    self._gather(one)
                    if ended:
                        running.remove(one)
                        yield from _troubles(one)
                    elif time.monotonic() - one.heard > self._station.silence_seconds:
                        one.silenced = True
                        one.process.kill()
                time.sleep(_LOOK_SECONDS)
        finally:
            for one in running:
                _dismiss(one)
                self._gather(one)

    def _assignment(self, planned: Plan, name: Lane, mended: tuple[Repair, ...]) -> Assignment:
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
        awaited = {check.id for check in assignment.checks}
        return _Running(lane=assignment.lane, process=process, shard=assignment.shard, log=log, awaited=awaited)

    def _gather(self, one: _Running) -> None:
        for line in _written(one):
            self._writer.append(line)
            self._watch.saw(line)
            if isinstance(line, Evidence):
                one.awaited.discard(line.check)
                self.seen.append(line)


def _written(one: _Running) -> Iterator[Evidence | Canary]:
    """What a lane has written since it was last looked at."""
    if not one.shard.exists():
        return
    with one.shard.open("rb") as shard:
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
    yield f"the {one.lane} lane {how}, {len(one.awaited)} checks undone: {' '.join(last)} (see {one.log.name})"


def _dismiss(one: _Running) -> None:
    # Like Ctrl-C: pytest takes its fixtures down, services and platform included.
    one.process.send_signal(signal.SIGINT)
    try:
        one.process.wait(_GOODBYE_SECONDS)
    except subprocess.TimeoutExpired:
        one.process.kill()
        one.process.wait()
