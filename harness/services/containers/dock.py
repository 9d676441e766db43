"""The network of one lane, in which its containers find each other by name, and how to find all of it again."""

import json
import os
import platform
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from harness.services import janitor
from harness.services.containers import naming
from harness.services.containers.engine import Engine, address, told
from harness.services.workspace import Workspace

PREFIX: Final = "conform-"


class Dock:
    """Where the containers of a lane lie; use it in a `with`."""

    def __init__(self, workspace: Workspace, engine: Engine, network: Any) -> None:
        self.workspace = workspace
        self.engine = engine
        self.network = network
        self._addresses: dict[str, str] = {}
        self.directory = workspace.make_folder("dock") / "addresses.json"
        self._publish()

    @classmethod
    def open(cls, workspace: Workspace) -> Self:
        """Make the network; raises EngineFailed. From now on the run's janitor looks for containers too."""
        engine = Engine.connect()
        # The other client would look for an engine in more places than we.
        os.environ["DOCKER_HOST"] = address()
        workspace.path(janitor.CONTAINERS).touch()
        with told("the network of the containers could not be made"):
            # Imported here, since a run without containers does not need half a second of it.
            from testcontainers.core.config import testcontainers_config  # noqa: PLC0415 - as said
            from testcontainers.core.network import Network  # noqa: PLC0415 - as said

            # Its reaper would have to come from a registry; the run's janitor does that work.
            testcontainers_config.ryuk_disabled = True
            testcontainers_config.hub_image_name_prefix = ""
            network = Network(docker_network_kw={"labels": labels_of(workspace.folder), "driver": "bridge"})
            network.name = new_name("network")
            return cls(workspace, engine, network.create())

    @property
    def labels(self) -> Mapping[str, str]:
        """What everything of this run is marked with."""
        return labels_of(self.workspace.folder)

    def enter(self, outward: str, inward: str) -> None:
        """Note under which `host:port` those in the network reach what we reach under another one."""
        self._addresses[outward] = inward
        self._publish()

    def inward(self, text: str) -> str:
        """The text with every address of ours replaced by the one that holds in the network."""
        for outward, inward in self._addresses.items():
            text = text.replace(outward, inward)
        return text

    def _publish(self) -> None:
        """Write down for programs of their own which address stands for which, now."""
        fresh = self.directory.with_suffix(".fresh")
        fresh.write_text(json.dumps(self._addresses), encoding="utf-8")
        fresh.replace(self.directory)

    def close(self) -> None:
        """Remove the network with whatever still hangs on it, and let go of the engine; what stays is the janitor's."""
        from docker.errors import APIError  # noqa: PLC0415 - see open

        with suppress(APIError):
            for one in self.engine.client.containers.list(all=True, filters={"network": self.network.name}):
                one.remove(force=True, v=True)
            self.network.remove()
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def new_name(what: str) -> str:
    """A name that nobody has, and that is unmistakably ours."""
    return f"{PREFIX}{what}-{secrets.token_hex(4)}"


def labels_of(folder: Path) -> dict[str, str]:
    """The labels of a run: its folder, its owner with birth, and the machine on which these mean something."""
    owner = folder.name.removeprefix(PREFIX).partition("-")[0]
    born = janitor.birth(int(owner)) if owner.isdigit() else ""
    return {naming.WORKSPACE: str(folder), naming.OWNER: f"{owner} {born}", naming.MACHINE: machine()}


def machine() -> str:
    """What tells this machine from others that share an engine."""
    named = Path("/etc/machine-id")
    return (named.read_text(encoding="ascii").strip() if named.is_file() else "") or platform.node() or str(os.getuid())
