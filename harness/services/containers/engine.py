"""The Docker engine of this machine: whether it answers, and what it is asked."""

import os
import socket
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from harness.errors import ConformError

ANSWER_SECONDS: Final = 30
LOAD_SECONDS: Final = 600
_SHOWN: Final = 400
_UNIX: Final = "unix://"
_SOCKET: Final = Path("/var/run/docker.sock")
_HOST: Final = "DOCKER_HOST"
_HINTS: Final = (
    (("no space left on device", "disk quota"), "The disk of the engine is full: `docker system df` says with what."),
    (("port is already allocated", "address already in use"), "The port is taken: end what listens there."),
    (("permission denied",), "You may not use the engine: join the group docker, or run as root."),
    (("no such image", "not found"), "Run `nox -s images`."),
    (("cgroup", "operation not permitted", "iptables"), "This machine does not let the engine run containers."),
)


class EngineFailed(ConformError):
    """The engine does not answer, or refused something that the harness needs: the platform is not to blame."""

    code = "engine-failed"


class EnginePortTaken(EngineFailed):
    """Somebody else listens on the port that a container was to be reached at."""


def is_likely() -> bool:
    """Whether there may be an engine at all, seen without asking it."""
    return bool(os.environ.get(_HOST)) or _SOCKET.exists()


def address() -> str:
    """Where the engine is."""
    return os.environ.get(_HOST) or f"{_UNIX}{_SOCKET}"


class Engine:
    """A connection to the engine that DOCKER_HOST names, or that has the usual socket of this machine."""

    def __init__(self, client: Any) -> None:
        self.client = client

    @classmethod
    def connect(cls, *, seconds: int = ANSWER_SECONDS) -> Self:
        """Connect to an engine that answers; raises EngineFailed with what to do."""
        # The libraries of containers cost half a second: a run without containers does not import them.
        import docker  # noqa: PLC0415 - as said
        from docker.errors import DockerException  # noqa: PLC0415 - as said

        try:
            _knock(seconds)
            engine = cls(docker.from_env(timeout=seconds))
            engine.client.ping()
        except (DockerException, OSError) as error:
            raise _no_engine(error) from error
        return engine

    @property
    def version(self) -> str:
        """Its version in words."""
        return f"Docker {self.client.version()['Version']}"

    @staticmethod
    def demand_near() -> None:
        """Raise EngineFailed for an engine that is reached over a network: it has other folders and ports than we."""
        named = address()
        if not named.startswith(_UNIX):
            said = f"the Docker engine at {named} is not reached by a socket of this machine"
            raise EngineFailed(said, hint="Let DOCKER_HOST name a socket, or take --services embedded.")

    def image_id(self, name: str) -> str:
        """The digest of an image, or nothing when there is none of this name."""
        return str(self._image(name).get("Id", ""))

    def demand(self, name: str) -> None:
        """Raise EngineFailed for an image that is not there: the client would fetch one of that name from strangers."""
        if not self.image_id(name):
            raise EngineFailed(f"the engine has no image {name}", hint="Make it with `nox -s images`.")

    def label(self, name: str, label: str) -> str:
        """A label of an image, or nothing."""
        config: Mapping[str, Any] = self._image(name).get("Config", {})
        labels: Mapping[str, str] | None = config.get("Labels")
        return labels.get(label, "") if labels else ""

    def load(self, archive: Path) -> None:
        """Take the images of an archive; raises EngineFailed."""
        with told("the images could not be loaded"), archive.open("rb") as content:
            self.client.api.timeout = LOAD_SECONDS
            try:
                self.client.images.load(content)
            finally:
                self.client.api.timeout = ANSWER_SECONDS

    def forget(self, ids: Iterable[str]) -> None:
        """Remove images that lost their names to newer ones, unless somebody still uses them."""
        from docker.errors import APIError  # noqa: PLC0415 - see connect

        for one in filter(None, ids):
            with suppress(APIError):
                self.client.images.remove(one)

    def run(self, image: str, argv: Sequence[str], *, shared: Path | None = None) -> str:
        """Run one program to its end in a container, with a folder of ours at the same place; gives what it said."""
        volumes = {str(shared): {"bind": str(shared), "mode": "rw"}} if shared else {}
        with told(f"{argv[0]} failed in a container of {image}"):
            said: bytes = self.client.containers.run(
                image,
                list(argv),
                volumes=volumes,
                remove=True,
                network_mode="none",
                stderr=True,
                environment={"PYTHONHASHSEED": "0"},
            )
        return said.decode(errors="replace")

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()

    def _image(self, name: str) -> Mapping[str, Any]:
        from docker.errors import ImageNotFound  # noqa: PLC0415 - see connect

        with told(f"the engine could not be asked for {name}"):
            try:
                return self.client.images.get(name).attrs
            except ImageNotFound:
                return {}


@contextmanager
def told(message: str) -> Generator[None]:
    """Turn what the engine's client raises into an error of ours, with what to do about it."""
    from docker.errors import DockerException  # noqa: PLC0415 - see Engine.connect
    from requests import RequestException  # noqa: PLC0415 - see Engine.connect

    try:
        yield
    except (DockerException, RequestException) as error:
        said = " ".join(str(getattr(error, "explanation", None) or error).split())
        kind = EnginePortTaken if _mentions(said, _HINTS[1][0]) else EngineFailed
        raise kind(message, causes=(said[:_SHOWN],), hint=_hint(said)) from error


def _knock(seconds: int) -> None:
    """Raise OSError where nobody listens at a socket; the client would do so too, and leave its end open."""
    named = address()
    if named.startswith(_UNIX):
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.settimeout(seconds)
            visitor.connect(named.removeprefix(_UNIX))


def _no_engine(error: Exception) -> EngineFailed:
    said = " ".join(str(error).split())
    if _mentions(said, ("permission denied",)):
        return EngineFailed("the Docker engine may not be used", causes=(said[:_SHOWN],), hint=_hint(said))
    hint = "Start Docker (as root: dockerd), or take --services embedded, which needs none."
    return EngineFailed(f"no Docker engine answers at {address()}", causes=(said[:_SHOWN],), hint=hint)


def _hint(said: str) -> str:
    return next((hint for needles, hint in _HINTS if _mentions(said, needles)), "Run `conform doctor`.")


def _mentions(said: str, needles: Sequence[str]) -> bool:
    folded = said.lower()
    return any(needle in folded for needle in needles)
