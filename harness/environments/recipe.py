"""What goes into an environment: what the lock pins and what is declared beside it, but no machine-learning giants."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness import source
from harness.environments import uv
from harness.environments.checkout import LOCK, PROJECT, Checkout
from harness.interpreter import python

# Gigabytes for models that nobody asks here, by the names under which they are installed and imported alike.
GIANTS: Final = ("torch", "torchvision", "torchaudio", "triton", "tensorflow", "jax", "jaxlib")
_THEIRS: Final = re.compile(rf"{'|'.join(GIANTS)}|tensorflow-.*|nvidia-.*|cuda-.*")
_EXPORT: Final = (
    *("export", "--frozen", "--no-emit-workspace", "--no-hashes", "--all-groups"),
    *("--no-annotate", "--no-header", "--quiet"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An environment before it is made: the interpreter, each requirement in one line, and what is left out.

    `locked` is whole: whatever its packages need is in it, or in `omitted`. `added` may need more.
    """

    checkout: Checkout
    python: str
    version: str
    locked: tuple[str, ...]
    added: tuple[str, ...]
    omitted: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The same for every checkout that wants the same of the same interpreter."""
        members = (source.digest(member) for member in self.checkout.members)
        parts = (
            self.checkout.name,
            self.checkout.version,
            self.python,
            self.version,
            *self.locked,
            *self.added,
            *members,
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def write(checkout: Checkout, executable: str) -> Recipe:
    """Write the recipe of a checkout's environment; NotInstallable when its lock cannot be read."""
    locked = _exported(checkout, executable) if checkout.locked else ()
    kept = tuple(line for line in locked if not _is_giant(line))
    added = tuple(map(str, _unlocked(checkout, locked)))
    return Recipe(
        checkout=checkout,
        python=executable,
        version=python.version(executable),
        locked=kept,
        added=added,
        omitted=tuple(line for line in locked if _is_giant(line)),
    )


def _exported(checkout: Checkout, executable: str) -> tuple[str, ...]:
    """The lock as requirements, read in a copy: uv writes into the folder that it reads."""
    with tempfile.TemporaryDirectory(prefix="conform-lock-") as folder:
        for project in (checkout.source, checkout.root, *checkout.members):
            copy = Path(folder, project.relative_to(checkout.root))
            copy.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(project / PROJECT, copy / PROJECT)
        shutil.copyfile(checkout.root / LOCK, Path(folder, LOCK))
        which = ("--package", checkout.name) if checkout.shared else ()
        printed = uv.ask(*_EXPORT, *which, "--python", executable, folder=Path(folder))
    return tuple(line for line in printed.splitlines() if line and not line.startswith(("#", "-e", ".")))


def _unlocked(checkout: Checkout, locked: Iterable[str]) -> Iterator[Requirement]:
    """What the platform declares and its lock has forgotten; its own workspace's packages are not to be had."""
    known = {_name(line) for line in locked} | checkout.local
    for requirement in checkout.declared:
        if canonicalize_name(requirement.name) not in known:
            yield requirement


def _is_giant(line: str) -> bool:
    return _THEIRS.fullmatch(_name(line)) is not None


def _name(line: str) -> str:
    return canonicalize_name(re.split(r"[\s\[=<>!~;@]", line, maxsplit=1)[0])
