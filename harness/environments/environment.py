"""Environments as they lie in the user's cache: made once for each recipe, found again by its digest."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness import source as locating
from harness.environments import checkout, interpreters, recipe, uv
from harness.environments.recipe import GIANTS, Recipe
from harness.environments.uv import NotInstallable
from harness.errors import ConformError
from harness.targets.launch import APPLICATION

Tell = Callable[[str], None]

# Written last: an environment without it is half made, and is gone on with.
_WHOLE: Final = "conform.json"
_LOAD_SECONDS: Final = 120.0
_MISSING: Final = re.compile(r"ModuleNotFoundError: No module named '(\w+)")
# Settings without which it might not load, and behind which nobody is.
_UNSERVED: Final = {
    "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    "REDIS_URL": "redis://127.0.0.1:1",
    "AUTH_JWT_SECRET_KEY": "nobody signs with this, as it is only loaded",
    "PYTHONDONTWRITEBYTECODE": "1",
}
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
    tell(f"Python {plan.version}, {len(plan.locked)} packages as locked")
    for words, lines in (("declared and not locked, so the newest", plan.added), ("left out", plan.omitted)):
        for line in lines:
            tell(f"{words}: {line}")
    executable = folder / "bin" / "python"
    new = ("venv", "--quiet", "--no-project", "--allow-existing")
    uv.ask(*new, "--python", plan.python, str(folder), folder=folder)
    install = ("pip", "install", "--compile-bytecode", "--no-config", "--python", str(executable))
    locked = _listed(folder / "locked.txt", plan.locked)
    uv.work(*install, "--no-deps", "--requirements", locked, folder=folder)
    if plan.added:
        # A rule that no machine fulfils: whoever needs one of the giants does without.
        never = _listed(folder / "never.txt", [f"{name} ; sys_platform == 'none'" for name in GIANTS])
        added = _listed(folder / "added.txt", plan.added)
        uv.work(*install, "--constraints", locked, "--overrides", never, "--requirements", added, folder=folder)
    unbuilt = tuple(_members(plan, install, tell))
    _pose(plan, folder)
    omitted = (*_forgone(plan, install, folder, tell), *unbuilt)
    whole = {"python": str(executable), "omitted": omitted}
    (folder / _WHOLE).write_text(json.dumps(whole), encoding="utf-8")
    return Environment(python=str(executable), omitted=omitted)


def _members(plan: Recipe, install: tuple[str, ...], tell: Tell) -> Iterator[str]:
    """Install the packages beside the platform's in its workspace, from copies; gives those that cannot be built."""
    for member in plan.checkout.members:
        with tempfile.TemporaryDirectory(prefix="conform-member-") as folder:
            copy = Path(folder, member.name)
            shutil.copytree(member, copy, ignore=shutil.ignore_patterns(*locating.LEFT_OUT), symlinks=True)
            try:
                uv.ask(*install, "--no-deps", str(copy), folder=Path(folder))
            except NotInstallable as error:
                tell(
                    f"left out, since it cannot be built: {member.name} ({error.causes[0] if error.causes else error})"
                )
                yield member.name


def _forgone(plan: Recipe, install: tuple[str, ...], folder: Path, tell: Tell) -> tuple[str, ...]:
    """What the environment does without in the end: nothing, if the application cannot be loaded for want of it."""
    missing = _missing(plan, folder) if plan.omitted else None
    if missing not in GIANTS:
        return plan.omitted
    tell(f"The application is not loaded without {missing}, so what was left out is installed after all")
    uv.work(*install, "--no-deps", "--requirements", _listed(folder / "giants.txt", plan.omitted), folder=folder)
    return ()


def _missing(plan: Recipe, folder: Path) -> str | None:
    """The module for want of which the application cannot be loaded, if it is that."""
    with tempfile.TemporaryDirectory(prefix="conform-load-") as home:
        env = {**_UNSERVED, "PATH": os.environ.get("PATH", ""), "HOME": home, "TMPDIR": home}
        words = (str(folder / "bin" / "python"), "-c", f"import {APPLICATION.partition(':')[0]}")
        try:
            done = subprocess.run(
                words,
                cwd=plan.checkout.source,
                env=env,
                capture_output=True,
                text=True,
                timeout=_LOAD_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    found = _MISSING.findall(done.stderr) if done.returncode else []
    return found[-1] if found else None


def _listed(path: Path, lines: Iterable[str]) -> str:
    """The path of a file that holds these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


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
