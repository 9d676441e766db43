"""Which kind of services a run stands on, and why; whoever only asks that imports no client of any server."""

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.errors import Misuse, ServiceDidNotStart
from harness.services import addresses, deployed
from harness.services.containers import engine, naming, shim, stub_code
from harness.services.containers.engine import Engine, EngineFailed

EMBEDDED: Final = "embedded"
CONTAINERS: Final = "containers"
GIVEN: Final = "given"
DEPLOYED: Final = "deployed"
# Where an image of a platform has its interpreter.
PYTHON: Final = "/opt/platform/bin/python"
_NEEDED: Final[tuple[naming.Part, ...]] = ("postgres", "redis", "provider", "platform")
LOOK: Final = """
import pathlib, platform, sys
sign = pathlib.Path(sys.argv[1])
print(sign.read_text() if sign.exists() else "nothing", platform.python_version())
"""


class ImagesMissing(ServiceDidNotStart):
    """The engine answers, and does not have what a run in containers is made of."""

    code = "images-missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Services, why they were chosen, and the versions that follow from that for the report.

    `words` are the kind of the services, their addresses without passwords, or the URL of a platform that has its own.
    """

    words: str
    because: str
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def kind(self) -> str:
        """In one word."""
        if deployed.is_url(self.words):
            return DEPLOYED
        return GIVEN if addresses.are(self.words) else self.words

    @property
    def again(self) -> tuple[str, ...]:
        """The words of a command that names the same services."""
        option = "--url" if self.kind == DEPLOYED else "--services"
        return () if self.kind == EMBEDDED else (option, self.words)


def choose(asked: str, *, apart: bool = False) -> Choice:
    """Choose by the word of `--services`; EngineFailed or ImagesMissing when containers were asked for in vain.

    A platform whose interpreter lies `apart`, on this machine, runs here, unless containers are asked for.
    """
    if addresses.are(asked):
        return Choice(words=str(addresses.read(asked)), because="--services names their addresses")
    match asked:
        case "embedded":
            return Choice(words=EMBEDDED, because="--services asked for them")
        case "containers":
            return _contained("--services asked for them")
        case "auto":
            return _automatic(apart=apart)
        case _ if deployed.is_url(asked):
            raise Misuse("--services takes addresses of services", hint="a running platform is named with --url")
        case _:
            hint = f"choose auto, {CONTAINERS} or {EMBEDDED}; for given ones {addresses.HINT}"
            raise Misuse("there are no such services", hint=hint)


def of_platform(url: str) -> Choice:
    """The services of a platform that runs already, which nobody else may use."""
    return Choice(words=deployed.read(url), because="--url names a running platform")


def _automatic(*, apart: bool) -> Choice:
    if apart:
        return Choice(words=EMBEDDED, because="the platform's interpreter is one of this machine")
    if not engine.is_likely():
        return Choice(words=EMBEDDED, because="there is no Docker engine on this machine")
    try:
        return _contained("a Docker engine answers, and has the images")
    except (EngineFailed, ImagesMissing) as error:
        return Choice(words=EMBEDDED, because=error.message)


def _contained(because: str) -> Choice:
    """Containers, with the digests of their images and the Python of the platform's."""
    Engine.demand_near()
    opened = Engine.connect()
    try:
        ids = {naming.image(part): opened.image_id(naming.image(part)) for part in _NEEDED}
        _demand_images(opened, ids)
        python = _look_inside(opened)
        images = {f"image {name}": digest for name, digest in ids.items()}
        inside = f"{python} of {naming.image('platform')}"
        examiner = inside if shim.available() else "that of this machine, which has no docker client"
        versions = {"engine": opened.version, "platform's Python": inside, "examiner's Python": examiner, **images}
        return Choice(words=CONTAINERS, because=because, versions=versions)
    finally:
        opened.close()


def _look_inside(opened: Engine) -> str:
    """The version of the platform's Python, asked in a container that must see a file of ours."""
    with tempfile.TemporaryDirectory(prefix="conform-look-") as folder:
        sign = Path(folder) / "sign"
        sign.write_text(secrets.token_hex(8), encoding="ascii")
        argv = (PYTHON, "-c", LOOK, str(sign))
        seen, _, version = opened.run(naming.image("platform"), argv, shared=Path(folder)).strip().partition(" ")
        if seen != sign.read_text(encoding="ascii"):
            said = "the Docker engine does not see the folders of this machine"
            raise EngineFailed(said, hint="Run the harness beside the engine, or take --services embedded.")
        return version


def _demand_images(opened: Engine, ids: Mapping[str, str]) -> None:
    missing = tuple(name for name, digest in ids.items() if not digest)
    hint = f"Make them with `nox -s images`, or let {naming.VARIABLE} name those that you have pulled."
    if missing:
        raise ImagesMissing(f"the engine has no image {', '.join(missing)}", hint=hint)
    name = naming.image("provider")
    if opened.label(name, naming.CODE) != stub_code.key():
        raise ImagesMissing(f"the image {name} holds another version of the provider stub than this harness", hint=hint)
