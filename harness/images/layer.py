"""One layer of an image: a tar of a folder that is the same bytes for the same content, whenever it is made."""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PIECE: Final = 2**20
# Python compares the time of a source with the one in its compiled file; every other time would only differ.
_TIMED: Final = ".py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A finished layer: its file, and the digest of its bytes, by which images name it."""

    path: Path
    digest: str


def pack(folder: Path, target: Path, *, system: bool = False) -> Layer:
    """Write a folder as the root of a layer; only of a whole system owners and modes are kept."""
    unfinished = target.with_suffix(".unfinished")
    with tarfile.open(unfinished, "w", format=tarfile.GNU_FORMAT) as packed:
        for path in _sorted(folder):
            _add(packed, path, str(path.relative_to(folder)), system=system)
    unfinished.replace(target)
    return read(target)


def read(path: Path) -> Layer:
    """A layer that was written before."""
    hashed = hashlib.sha256()
    with path.open("rb") as content:
        while piece := content.read(_PIECE):
            hashed.update(piece)
    return Layer(path=path, digest=f"sha256:{hashed.hexdigest()}")


def _sorted(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(place, name) for name in sorted((*folders, *names)))


def _add(packed: tarfile.TarFile, path: Path, name: str, *, system: bool) -> None:
    member = packed.gettarinfo(path, arcname=name)
    member.uname = member.gname = ""
    member.mtime = int(member.mtime) if system and path.suffix == _TIMED else 0
    if not system:
        member.uid = member.gid = 0
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    if not member.isreg():
        packed.addfile(member)
        return
    with path.open("rb") as content:
        packed.addfile(member, content)
