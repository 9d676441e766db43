"""What goes into the images besides the distribution: programs, packages and code, each laid out in a folder."""

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from harness import source
from harness.errors import ConformError
from harness.images import programs
from harness.services import embedded_redis, postgres_binaries
from harness.services.containers import stub_code

POSTGRES_HOME: Final = "opt/postgres"
REDIS_PROGRAM: Final = "usr/local/bin/redis-server"
CODE_HOME: Final = "opt/conform"
PLATFORM_HOME: Final = "opt/platform"
REFERENCE_HOME: Final = "srv/platform"
_REFERENCE: Final = "reference_impl"
_INSTALL_SECONDS: Final = 600.0
# What the tests of a platform are run with.
_BESIDES: Final = ("httpx", "pytest")


class NoPackages(ConformError):
    """Python packages could not be had."""

    code = "no-packages"


def postgres_key() -> str:
    """Which programs of PostgreSQL these are, and how they are started."""
    found = postgres_binaries.find()
    return digest_of(postgres_binaries.files(found), also=(programs.POSTGRES,))


def lay_postgres(folder: Path) -> None:
    """Copy PostgreSQL's programs, with the libraries beside them, and the script that starts them."""
    home = folder / POSTGRES_HOME
    home.mkdir(parents=True)
    inside = postgres_binaries.copy(postgres_binaries.find(), home)
    programs.write(folder, programs.POSTGRES.format(programs=f"/{POSTGRES_HOME}/{inside}"))


def redis_key() -> str:
    """Which program this is, and how it is started."""
    return digest_of([embedded_redis.find_binary()], also=(programs.REDIS,))


def lay_redis(folder: Path) -> None:
    """Copy the server program, and the script that starts it."""
    copy = folder / REDIS_PROGRAM
    copy.parent.mkdir(parents=True)
    shutil.copyfile(embedded_redis.find_binary(), copy)
    copy.chmod(0o755)
    programs.write(folder, programs.REDIS.format(program=f"/{REDIS_PROGRAM}"))


def lay_code(folder: Path) -> None:
    """Copy what the provider stub consists of."""
    for path in stub_code.files():
        copy = folder / CODE_HOME / stub_code.place(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def packages_key(suite: Path) -> str:
    """Which packages the reference implementation is given."""
    return digest_of([suite / "constraints.txt", suite / _REFERENCE / "pyproject.toml"], also=_BESIDES)


def lay_packages(folder: Path, suite: Path, *, python: str) -> None:
    """Install what the reference implementation needs, for the Python of an image; raises NoPackages."""
    home = folder / PLATFORM_HOME
    target = home / "lib" / f"python{python}" / "site-packages"
    target.mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin" / "python").symlink_to("/usr/bin/python3")
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", encoding="ascii")
    kind = f"{platform.machine()}-manylinux_2_28"
    wanted = (str(suite / _REFERENCE / "pyproject.toml"), "--constraint", str(suite / "constraints.txt"))
    _uv("--target", str(target), "--python-version", python, "--python-platform", kind, *_BESIDES, "-r", *wanted)
    # Scripts there would name a Python of this machine.
    shutil.rmtree(target / "bin", ignore_errors=True)
    (target / ".lock").unlink(missing_ok=True)


def reference_key(suite: Path) -> str:
    """Which version of the reference implementation this is."""
    return source.digest(suite / _REFERENCE)


def lay_reference(folder: Path, suite: Path) -> None:
    """Copy the reference implementation."""
    left_out = shutil.ignore_patterns(*source.LEFT_OUT, "tests", "demo")
    shutil.copytree(suite / _REFERENCE, folder / REFERENCE_HOME, ignore=left_out)


def digest_of(files: Iterable[Path], *, also: Iterable[str] = ()) -> str:
    """A short name for the content of files, and for some words."""
    hashed = hashlib.sha256("\0".join(also).encode())
    for path in files:
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()[:16]


def _uv(*words: str) -> None:
    command = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--only-binary", ":all:", *words)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoPackages("the packages of the platform's image could not be had", causes=(str(error),)) from error
    if done.returncode != 0:
        causes = tuple(done.stderr.strip().splitlines()[-3:])
        hint = "A registry of Python packages must be reached, and uv be installed (`nox -s images` brings it)."
        raise NoPackages("the packages of the platform's image could not be had", causes=causes, hint=hint)
