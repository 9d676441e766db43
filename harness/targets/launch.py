"""How a platform is started: its own processes, its own Python, and nothing of this machine's settings."""

import os
import re
import secrets
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from harness.errors import CannotTell, TargetDidNotStart
from harness.observe import certificates, loopback
from harness.observe.scratch import Ground
from harness.redaction import secrets_of
from harness.services.databases import settings
from harness.services.failure import PortTaken
from harness.services.interface import DatabaseServer
from harness.services.port import on_free_port
from harness.services.program import Launch
from harness.services.room import HostRoom, Process, Room
from harness.services.workspace import Workspace
from harness.targets.inside import Inside
from harness.targets.terms import PROVIDER_KEY, Instance

APPLICATION: Final = "omoi_os.api.main:app"
START_SECONDS: Final = 150.0
# Nobody listens there: a platform that was given no provider must not find a real one.
NO_PROVIDER: Final = "http://127.0.0.1:1"
_KEPT: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "VIRTUAL_ENV",
    "PYTHONPYCACHEPREFIX",
)
_LOOK_SECONDS: Final = 0.02
_SHOWN_LINES: Final = 5
_READ_LINES: Final = 100
_TAKEN: Final = "address already in use"
# How Python closes a traceback, before whatever a process still writes on its way out.
_FAILURE: Final = re.compile(r"(\w+\.)*\w*(Error|Exception)(:|$)")
_ON_ITS_WAY_OUT: Final = ("Exception ignored", "Task exception was never retrieved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a platform runs: its source, its Python, and the run's folder for whatever it writes.

    Its processes are started in `room`, or on this machine, by `python`, where none is named, with its `settings`.
    """

    source: Path
    python: str
    workspace: Workspace
    room: Room | None = None
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def place(self) -> Room:
        """Where its processes are started."""
        return self.room or HostRoom(self.workspace, python=self.python)

    @property
    def examiner(self) -> str:
        """The interpreter for whatever examines its code."""
        return self.place.interpreter or self.python


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """The services given to one instance, as URLs; `secret` signs tokens."""

    database_url: str
    redis_url: str
    secret: str
    provider_url: str = NO_PROVIDER


def backing(*, database_url: str, redis_url: str, provider_url: str = NO_PROVIDER) -> Backing:
    """Back an instance with services and a fresh secret."""
    secret = secrets.token_hex(32)
    return Backing(database_url=database_url, redis_url=redis_url, secret=secret, provider_url=provider_url)


def ground(site: Site, server: DatabaseServer) -> Ground:
    """Where a platform's own code runs beside scratch databases; it finds no bus there."""
    unserved = backing(database_url="postgresql+psycopg://unset", redis_url="redis://127.0.0.1:1")
    return Ground(python=site.examiner, source=site.source, server=server, env=environment(site, unserved))


def environment(site: Site, given: Backing) -> dict[str, str]:
    """The whole environment of a platform process; whatever it compiles stays out of the checkout.

    Compiled files are written nowhere, unless PYTHONPYCACHEPREFIX names a folder for them: then whoever starts many
    runs compiles once what an installer left uncompiled.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    compiled = {} if "PYTHONPYCACHEPREFIX" in kept else {"PYTHONDONTWRITEBYTECODE": "1"}
    return {
        **kept,
        **compiled,
        **site.settings,
        "HOME": str(site.workspace.folder),
        "TMPDIR": str(site.workspace.folder),
        "PYTHONUNBUFFERED": "1",
        **settings(given.database_url),
        "REDIS_URL": given.redis_url,
        "AUTH_JWT_SECRET_KEY": given.secret,
        "OPENAI_BASE_URL": f"{given.provider_url}/v1",
        "OPENAI_API_KEY": PROVIDER_KEY,
        "ANTHROPIC_BASE_URL": given.provider_url,
        "ANTHROPIC_API_KEY": PROVIDER_KEY,
    }


class Running:
    """One platform process that answers; use it in a `with`."""

    def __init__(self, program: Process, instance: Instance) -> None:
        self.program = program
        self.instance = instance

    @classmethod
    def start(cls, site: Site, given: Backing) -> Self:
        """Start the platform and wait until it answers; TargetDidNotStart with its last words otherwise."""
        return on_free_port(lambda port: cls._start_on(port, site, given))

    @classmethod
    def _start_on(cls, port: int, site: Site, given: Backing) -> Self:
        started = command(site, given, port)
        program = site.place.start(started, port=port)
        instance = Instance(
            url=f"http://127.0.0.1:{port}",
            database_url=given.database_url,
            secret=given.secret,
            inside=Inside(site.examiner, site.source, env=environment(site, given), room=site.place),
        )
        try:
            _await_answer(program, started, instance.url)
        except BaseException as error:
            program.stop()
            if isinstance(error, TargetDidNotStart) and any(_TAKEN in line for line in program.tail()):
                raise PortTaken(f"port {port} was taken before the platform could listen on it") from error
            raise
        return cls(program, instance)

    def aim(self) -> Callable[[], None]:
        """Look up now whom to kill; what is given back kills them at once, whoever uses its services beside it too."""
        kill, inside = self.program.aim(), self.instance.inside

        def strike() -> None:
            kill()
            if inside is not None:
                inside.close()

        return strike

    def stop(self) -> None:
        """End the process in order, and whatever used its services beside it."""
        if self.instance.inside is not None:
            self.instance.inside.close()
        self.program.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def command(site: Site, given: Backing, port: int) -> Launch:
    """How a platform is told to start and to listen on a port."""
    options = ("--host", site.place.host, "--port", str(port), "--no-access-log")
    return Launch(
        argv=(site.place.python, "-m", "uvicorn", APPLICATION, *options),
        cwd=site.source,
        env=environment(site, given),
        secrets=(given.secret, *secrets_of({**settings(given.database_url), "REDIS_URL": given.redis_url})),
    )


def _await_answer(program: Process, started: Launch, url: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if not program.alive:
            said = f"the platform's process ended with code {program.returncode} before it answered"
            hint = f"start it by hand to see more: {shlex.join(started.argv)} in {started.cwd}"
            raise TargetDidNotStart(said, causes=_last_words(program), hint=hint)
        try:
            httpx.get(f"{url}/openapi.json", timeout=START_SECONDS / 4, verify=certificates.trusted(), trust_env=False)
        except httpx.TransportError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    if not loopback.answers():
        raise CannotTell("neither the platform nor our own server on loopback answers: this machine hangs")
    said = f"the platform did not answer within {START_SECONDS:.0f} s"
    raise TargetDidNotStart(said, causes=_last_words(program))


def _last_words(program: Process) -> tuple[str, ...]:
    """The last lines that a process wrote, led by the last failure that it named."""
    lines = [line for line in program.tail(_READ_LINES) if re.search(r"\w", line)]
    told = takewhile(lambda line: not line.startswith(_ON_ITS_WAY_OUT), lines)
    named = [line for line in told if _FAILURE.match(line)]
    return tuple(dict.fromkeys((*named[-1:], *lines[-_SHOWN_LINES:])))
