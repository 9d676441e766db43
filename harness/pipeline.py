"""The line from features to a decision, its stages in order; `run` is the diagram of the architecture."""

import hashlib
import os
import platform as machine
import secrets
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness import catalogue, evidence, gate, merge, observation, plan, source, suite, verdict
from harness.errors import ConformError, Misuse
from harness.evidence import EvidenceWriter
from harness.interpreter import python
from harness.merge import Part
from harness.model import Environment, Header, Profile, Requirement, Run, Shard, Target
from harness.observation import Station, Watch
from harness.plan import Plan
from harness.report import compose, formats
from harness.report.document import Report
from harness.services import addresses, kinds
from harness.services.kinds import Choice
from harness.targets import index

LATEST: Final = "latest"
LOGS: Final = "lane-*.log"
_TELLING: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What `conform run` was asked for, with every default filled in."""

    suite: Path
    target: str
    source: Path | None
    python: str
    services: Choice
    profile: Profile
    only: tuple[str, ...]
    seed: int
    out: Path
    baseline: Path | None = None
    shard: Shard | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The words that name this target again, with paths from the suite where they lie below it."""
        if self.services.kind == kinds.DEPLOYED:
            return self.services.again
        source = ("--source", self._from_suite(self.source)) if self.source else ()
        python = ("--python", self.python) if self.python != sys.executable else ()
        file = Path(self.target)
        target = self._from_suite(file) if file.suffix == ".py" else self.target
        baseline = ("--baseline", self._from_suite(self.baseline)) if self.baseline else ()
        return ("--target", target, *source, *python, *baseline, *self.services.again)

    def _from_suite(self, path: Path) -> str:
        absolute = path.resolve()
        return str(absolute.relative_to(self.suite)) if absolute.is_relative_to(self.suite) else str(absolute)


def run(order: Order, *, watch: Watch) -> Report:
    """Judge a platform: features, plan, evidence, verdicts, report, decision."""
    requirements = catalogue.read(order.suite / "features")
    planned = plan.make(requirements, profile=order.profile, chosen=order.only, shard=order.shard)
    header = describe(order, requirements, planned)
    _verify(order.services.words)
    baseline = source.locate(order.baseline, option="--baseline") if order.baseline else None
    folder = open_folder(order.out, header.run.id)
    station = Station(folder=folder, driver=order.target, baseline=baseline, services=order.services.words)
    try:
        observation.observe(header, planned, station=station, watch=watch)
    except BaseException:
        salvage(folder)
        raise
    return publish(folder)


def join(files: Sequence[Path], *, out: Path) -> Report:
    """Write the evidence of the shards of a run as that of the whole run, with their logs beside it, and judge it."""
    parts = tuple(Part(name=str(file), record=evidence.read(file)) for file in files)
    joined = merge.join(parts, run_id=_run_id(datetime.now(UTC)))
    folder = open_folder(out, joined.header.run.id)
    with EvidenceWriter(folder / observation.FILE) as writer:
        for line in (joined.header, *joined.lines):
            writer.append(line)
        writer.seal(
            finished=joined.finished,
            seconds=joined.seconds,
            target_digest=joined.target_digest,
            troubles=joined.troubles,
        )
    for file, part in zip(files, parts, strict=True):
        for log in sorted(file.parent.glob(LOGS)):
            shutil.copyfile(log, folder / merge.log_name(part, log.name))
    return publish(folder)


def publish(folder: Path) -> Report:
    """Judge what a run saw, and let `latest` name it."""
    report = conclude(folder / observation.FILE)
    point_latest(folder)
    return report


def salvage(folder: Path) -> None:
    """Publish what an interrupted run saw, if it saw anything; why it was interrupted stays the news."""
    with suppress(ConformError, OSError):
        publish(folder)


def conclude(path: Path) -> Report:
    """Judge an evidence file and write the report in every format beside it."""
    record = evidence.read(path)
    judgement = verdict.judge(record)
    report = compose.compose(record, judgement, gate.decide(judgement))
    formats.write(report, path.parent)
    return report


def describe(order: Order, requirements: tuple[Requirement, ...], planned: Plan) -> Header:
    """Say what is judged, on what, and which checks are required."""
    now = datetime.now(UTC)
    return Header(
        run=Run(
            id=_run_id(now),
            target=_target(order),
            environment=_environment(order),
            profile=order.profile,
            selection=planned.chosen,
            started=now,
            suite=str(order.suite),
            options=order.options,
            shard=order.shard,
            asked=order.only if order.shard else (),
        ),
        requirements=requirements,
        required=tuple(check.id for check in planned.required),
    )


def _run_id(now: datetime) -> str:
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def open_folder(out: Path, run_id: str) -> Path:
    """Make the folder that a run writes to."""
    folder = out / run_id
    folder.mkdir(parents=True)
    return folder


def point_latest(folder: Path) -> None:
    """Let `latest` name this run, replaced in one step so that two runs never see half a link."""
    link = folder.parent / f".{LATEST}-{folder.name}"
    link.symlink_to(folder.name)
    link.replace(folder.parent / LATEST)


def _target(order: Order) -> Target:
    return _running(order.services.words) if order.services.kind == kinds.DEPLOYED else _sources(order)


def _running(url: str) -> Target:
    """A platform that runs already, known by what it publishes."""
    from harness.targets import deployment  # noqa: PLC0415 - its HTTP client takes a while to import

    found = deployment.published(url)
    # Before anything is judged: a lane could only say that it cannot tell.
    deployment.visitors()
    name = urlsplit(url).netloc
    return Target(name=name, version=found.version, digest=found.digest, source=url, python="")


def _sources(order: Order) -> Target:
    driver = index.find(order.target)
    chosen = order.source or driver.default_source(order.suite)
    if chosen is None:
        raise Misuse(f"the target {driver.name} has no source of its own here", hint="name it with --source DIR")
    root = source.locate(chosen)
    return Target(
        name=driver.name,
        version=source.version(root),
        digest=source.digest(root),
        source=str(root),
        python=order.python,
        gaps=driver.gaps,
        repairs=driver.repairs,
    )


def _environment(order: Order) -> Environment:
    return Environment(
        services=order.services.kind,
        services_because=order.services.because,
        addresses={},
        versions={
            "conform": metadata.version("omoios-conformance"),
            **({} if order.services.kind == kinds.DEPLOYED else {"python": python.version(order.python)}),
            "suite": _suite_version(order.suite),
            **order.services.versions,
        },
        seed=order.seed,
        machine=f"{machine.system()} {machine.machine()}, {os.cpu_count()} cores",
    )


def _verify(services: str) -> None:
    if addresses.are(services):
        from harness.services import choice  # noqa: PLC0415 - the servers' clients take half a second to import

        choice.verify(services)


def _suite_version(folder: Path) -> str:
    """Which features, steps and fixtures judged: shards of one run have the same."""
    parts = "".join(source.digest(folder / part) for part in suite.PARTS)
    return hashlib.sha256(parts.encode()).hexdigest()[:_TELLING]
