"""An archive of images as every engine loads it: layers, and for each image what it runs, without a date of today."""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.images.layer import Layer

# An image with the date of its making would be another one each time.
CREATED: Final = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """One image: its full name, its layers from the lowest on, and what it does when it is started."""

    name: str
    layers: tuple[Layer, ...]
    argv: tuple[str, ...]
    labels: Mapping[str, str]
    architecture: str
    user: str = ""
    folder: str = "/"
    stop_signal: str = "SIGTERM"
    env: tuple[str, ...] = ()

    @property
    def document(self) -> bytes:
        """Its configuration, whose digest is the image's id."""
        made = {
            "architecture": self.architecture,
            "os": "linux",
            "created": CREATED,
            "config": {
                "Cmd": list(self.argv),
                "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", *self.env],
                "Labels": dict(sorted(self.labels.items())),
                "User": self.user,
                "WorkingDir": self.folder,
                "StopSignal": self.stop_signal,
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
            "history": [{"created": CREATED, "created_by": "conform"} for _ in self.layers],
        }
        return json.dumps(made, sort_keys=True).encode()

    @property
    def id(self) -> str:
        """What an engine calls it."""
        return f"sha256:{hashlib.sha256(self.document).hexdigest()}"


def write(images: Iterable[Image], target: Path) -> None:
    """Write images into one archive, a layer that several share only once."""
    wanted = tuple(images)
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as packed:
        for layer in {layer.digest: layer for image in wanted for layer in image.layers}.values():
            packed.add(layer.path, arcname=_file(layer))
        for image in wanted:
            _put(packed, f"{image.id.removeprefix('sha256:')}.json", image.document)
        _put(packed, "manifest.json", json.dumps([_entry(image) for image in wanted]).encode())


def _entry(image: Image) -> dict[str, object]:
    return {
        "Config": f"{image.id.removeprefix('sha256:')}.json",
        "RepoTags": [image.name],
        "Layers": [_file(layer) for layer in image.layers],
    }


def _file(layer: Layer) -> str:
    return f"{layer.digest.removeprefix('sha256:')}/layer.tar"


def _put(packed: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    packed.addfile(member, io.BytesIO(content))
