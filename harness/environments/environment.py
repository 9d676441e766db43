"""Environments as they lie in the user's cache: made once for each recipe, found again by its digest."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.environments import checkout, interpreters, recipe, uv
from harness.environments.recipe import Recipe
from harness.environments.uv import NotInstallable
from harness.errors import ConformError

Tell = Callable[[str], None]

# Written last: an environment without it is half made, and is gone on with.
_WHOLE: Final = "conform.json"
_METADATA: Final = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An environment that is whole: its interpreter, and the platform's packages that it was made without."""

    python: str
    omitted: tuple[str, ...]


def prepare(source: Path, *, named: str | None, tell: Tell) -> Environment:
    """Make the environment of a checkout, or find it; what another command is making is waited for."""
    tell(f"Reading what {source.name} needs")
    plan = _recipe(source, named)
    folder = _folder(plan)
    with _locked(folder):
        if found := _whole(folder):
            tell("It is there already")
            return found
        return _make(plan, folder, tell)


def find(source: Path) -> Environment | None:
    """The environment of a checkout, if it was made before."""
    try:
        return _whole(_folder(_recipe(source, None)))
    except ConformError:
        return None


def _recipe(source: Path, named: str | None) -> Recipe:
    wanted = checkout.read(source)
    return recipe.write(wanted, interpreters.find(wanted.python, named=named))


def _make(plan: Recipe, folder: Path, tell: Tell) -> Environment:
    tell(f"Python {plan.version}, {len(plan.requirements)} packages{' as locked' if plan.checkout.locked else ''}")
    for words, lines in (("declared and not locked, so the newest", plan.added), ("left out", plan.omitted)):
        for line in lines:
            tell(f"{words}: {line}")
    executable = folder / "bin" / "python"
    new = ("venv", "--quiet", "--no-project", "--allow-existing")
    uv.ask(*new, "--python", plan.python, str(folder), folder=folder)
    wanted = folder / "requirements.txt"
    wanted.write_text("\n".join(plan.requirements) + "\n", encoding="utf-8")
    install = ("pip", "install", "--compile-bytecode", "--no-config", "--python", str(executable))
    uv.work(*install, "--requirements", str(wanted), folder=folder)
    omitted = (*plan.omitted, *_members(plan, install, tell))
    _pose(plan, folder)
    whole = {"python": str(executable), "omitted": omitted}
    (folder / _WHOLE).write_text(json.dumps(whole), encoding="utf-8")
    return Environment(python=str(executable), omitted=omitted)


def _members(plan: Recipe, install: tuple[str, ...], tell: Tell) -> Iterator[str]:
    """Install the packages beside the platform's in its workspace, from copies; gives those that cannot be built."""
    for member in plan.checkout.members:
        with tempfile.TemporaryDirectory(prefix="conform-member-") as folder:
            copy = Path(folder, member.name)
            shutil.copytree(member, copy)
            try:
                uv.ask(*install, "--no-deps", str(copy), folder=Path(folder))
            except NotInstallable as error:
                tell(
                    f"left out, since it cannot be built: {member.name} ({error.causes[0] if error.causes else error})"
                )
                yield member.name


def _pose(plan: Recipe, folder: Path) -> None:
    """Lay the platform's metadata beside its dependencies: it is run from its checkout, and asks for its version."""
    (packages,) = folder.glob("lib/python*/site-packages")
    name = plan.checkout.name.replace("-", "_")
    metadata = packages / f"{name}-{plan.checkout.version}.dist-info"
    metadata.mkdir(exist_ok=True)
    text = _METADATA.format(name=plan.checkout.name, version=plan.checkout.version)
    (metadata / "METADATA").write_text(text, encoding="utf-8")


def _whole(folder: Path) -> Environment | None:
    try:
        noted = json.loads((folder / _WHOLE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Environment(python=str(noted["python"]), omitted=tuple(noted["omitted"]))


def _folder(plan: Recipe) -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return home / "conform" / "environments" / f"{plan.checkout.name}-{plan.digest}"


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
