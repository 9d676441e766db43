"""Finished layers, kept for the user by what went into them, so that a second build makes nothing anew."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.images import layer
from harness.images.layer import Layer

_UNPACKED: Final = "layer-of-"


class Pantry:
    """The folder of finished layers; use it in a `with`, which keeps other builds waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()

    @classmethod
    @contextmanager
    def open(cls) -> Generator["Pantry"]:
        """Open the user's own, and let go of what this build did not use."""
        home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        pantry = cls(home / "conform" / "images")
        pantry._folder.mkdir(parents=True, exist_ok=True)
        with (pantry._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pantry._sweep()
            yield pantry
            pantry._tidy()

    def layer(self, name: str, lay: Callable[[Path], object], *, system: bool = False) -> Layer:
        """The layer of this name, which says what is in it; laid out and packed where it is not there yet."""
        path, noted = self._folder / f"{name}.tar", self._folder / f"{name}.digest"
        self._used |= {path.name, noted.name}
        if not (noted.exists() and path.exists()):
            with tempfile.TemporaryDirectory(prefix=_UNPACKED, dir=self._folder) as folder:
                lay(Path(folder))
                noted.write_text(layer.pack(Path(folder), path, system=system).digest, encoding="ascii")
        return Layer(path=path, digest=noted.read_text(encoding="ascii"))

    def forget(self, name: str) -> None:
        """Have a layer made anew, whatever is kept."""
        (self._folder / f"{name}.digest").unlink(missing_ok=True)

    def scratch(self) -> Path:
        """Where an archive may be written that is loaded and removed."""
        return self._folder / "archive.tar"

    def _sweep(self) -> None:
        """Remove what a killed build was just laying out."""
        for folder in self._folder.glob(f"{_UNPACKED}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _tidy(self) -> None:
        for path in self._folder.glob("*.*"):
            if path.is_file() and path.name not in self._used:
                path.unlink()
