"""The lowest layer: a small Debian with Python, bootstrapped from the distribution's packages."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from harness.errors import ConformError

SUITE: Final = "bookworm"
INCLUDED: Final = ("ca-certificates", "python3", "tzdata")
SUITE_VARIABLE: Final = "CONFORM_DEBIAN_SUITE"
MIRROR_VARIABLE: Final = "CONFORM_DEBIAN_MIRROR"
# Whoever runs the servers in a container, and where that account may write.
ACCOUNT: Final = 65534
STATE: Final = "var/lib/conform"
_SECONDS: Final = 900.0
_SOURCES: Final = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
_URI: Final = re.compile(r"^(?:URIs:|deb)\s+(?:\[.*?\]\s+)?(https?://\S+/debian/?)(?:\s|$)", re.MULTILINE)
# What tells when and where the system was made, or is read by nobody in a container.
_LEFT_OUT: Final = (
    *("dev", "proc", "sys", "run", "tmp", "var/log", "var/cache", "var/lib/apt/lists"),
    *("usr/share/doc", "usr/share/info", "usr/share/man", "usr/share/locale"),
)
_FORGOTTEN: Final = (
    *("etc/hostname", "etc/machine-id", "etc/resolv.conf", "etc/passwd-", "etc/shadow-", "etc/group-", "etc/gshadow-"),
    "var/lib/dpkg/status-old",
)
_DAY: Final = re.compile(r"^([^:]*:[^:]*):\d+:", re.MULTILINE)


class NoBootstrap(ConformError):
    """No distribution can be made on this machine."""

    code = "no-bootstrap"


def suite() -> str:
    """The release that is bootstrapped."""
    return os.environ.get(SUITE_VARIABLE) or SUITE


def lay(folder: Path) -> None:
    """Fill a folder with the distribution; raises NoBootstrap with the last words of what failed."""
    words = ("--variant=minbase", f"--include={','.join(INCLUDED)}", suite(), str(folder), *_mirror())
    try:
        done = subprocess.run(
            (_program(), *words), capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _failed((str(error),)) from error
    if done.returncode != 0:
        raise _failed(tuple((done.stderr + done.stdout).strip().splitlines()[-3:]))
    _forget(folder)
    (folder / STATE).mkdir(mode=0o700)
    os.chown(folder / STATE, ACCOUNT, ACCOUNT)


def _program() -> str:
    if os.geteuid() != 0:
        raise NoBootstrap("only root can bootstrap a distribution", hint="Run `nox -s images` as root.")
    found = shutil.which("debootstrap", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if found is None:
        hint = "Install Debian's package debootstrap; Debian and Ubuntu have it."
        raise NoBootstrap("debootstrap is not installed, and no registry is asked for a distribution", hint=hint)
    return found


def _mirror() -> tuple[str, ...]:
    """The mirror that is named, else the one that this machine's own packages come from; none means the tool's own."""
    named = os.environ.get(MIRROR_VARIABLE)
    if named:
        return (named,)
    texts = (Path(path).read_text(encoding="utf-8") for path in _SOURCES if Path(path).is_file())
    found = next((match[1] for match in map(_URI.search, texts) if match), None)
    return (found,) if found else ()


def _forget(folder: Path) -> None:
    """Take away what differs between two systems made of the same packages."""
    for name in _LEFT_OUT:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    (folder / "tmp").chmod(0o1777)
    for name in _FORGOTTEN:
        (folder / name).unlink(missing_ok=True)
    shadow = folder / "etc/shadow"
    shadow.write_text(_DAY.sub(r"\1:0:", shadow.read_text(encoding="utf-8")), encoding="utf-8")


def _failed(causes: tuple[str, ...]) -> NoBootstrap:
    hint = f"A mirror of Debian must be reached ({MIRROR_VARIABLE} names another), and some disk be free."
    return NoBootstrap(f"Debian {suite()} could not be bootstrapped", causes=causes, hint=hint)
