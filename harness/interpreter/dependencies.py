"""Tells which distributions a platform declares, and which of them a missing module would come from."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from configparser import Error as ConfigParserError
from configparser import RawConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.errors import CannotTell

# Where the name to import is not the name to install.
DISTRIBUTIONS: Final = {
    "argon2": "argon2-cffi",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "github": "pygithub",
    "grpc": "grpcio",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "multipart": "python-multipart",
    "MySQLdb": "mysqlclient",
    "openhands": "openhands-ai",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "socketio": "python-socketio",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# Top-level names that many distributions share.
SHARED: Final = frozenset({"azure", "google", "langchain", "openhands", "opentelemetry", "zope"})
_REQUIREMENTS: Final = ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in")
_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_SEPARATORS: Final = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """The normalised names of the distributions that a platform says it needs, optional ones included."""

    distributions: frozenset[str]

    def provider(self, module: str) -> str | None:
        """The declared distribution that would provide a module, or None when none is declared."""
        top = module.partition(".")[0]
        for name in (DISTRIBUTIONS.get(top, top), top, module):
            if normalised(name) in self.distributions:
                return normalised(name)
        if top in SHARED:
            stem = normalised(module) + "-"
            return next((one for one in sorted(self.distributions) if one.startswith(stem)), None)
        return None

    def plugins_of(self, program: str) -> tuple[str, ...]:
        """The declared distributions whose names say that they are plugins of a program."""
        return tuple(sorted(name for name in self.distributions if name.startswith(f"{program}-")))


def behind(missing: str, declared: Declared) -> str | None:
    """The declared distribution that a third-party module was not found for; None when nobody declared it."""
    # A dotted name was looked for in a package that is there, unless many distributions share that package.
    if "." in missing and missing.partition(".")[0] not in SHARED:
        return None
    return declared.provider(missing)


def not_installed(names: Iterable[str]) -> CannotTell:
    """The error to raise when the absence of these dependencies kept a check from looking."""
    hint = "install the platform's dependencies in the interpreter named by --python"
    return CannotTell(f"dependency not installed: {', '.join(names)}", hint=hint)


def read(source: Path) -> Declared:
    """What pyproject.toml, setup.cfg and files of requirements in the source root and its parent declare."""
    names = {normalised(name) for folder in (source, source.parent) for name in _declarations(folder)}
    return Declared(distributions=frozenset(names))


def normalised(name: str) -> str:
    """A distribution's name in the one spelling that the package index compares."""
    return _SEPARATORS.sub("-", name).lower()


def _declarations(folder: Path) -> Iterator[str]:
    """Every distribution named by the files of one folder."""
    for path in sorted(found for pattern in _REQUIREMENTS for found in folder.glob(pattern)):
        yield from _names(path.read_text(encoding="utf-8", errors="replace").splitlines())
    project, setup = folder / "pyproject.toml", folder / "setup.cfg"
    if project.is_file():
        yield from _project(project)
    if setup.is_file():
        yield from _setup(setup)


def _project(path: Path) -> Iterator[str]:
    """The dependencies of a pyproject.toml: its own, its extras, its groups, and Poetry's; a broken file has none."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return
    project: dict[str, Any] = content.get("project", {})
    yield from _names(project.get("dependencies", []))
    for group in (*project.get("optional-dependencies", {}).values(), *content.get("dependency-groups", {}).values()):
        yield from _names(group)
    tool: dict[str, Any] = content.get("tool", {})
    yield from _names(tool.get("uv", {}).get("dev-dependencies", []))
    for group in tool.get("pdm", {}).get("dev-dependencies", {}).values():
        yield from _names(group)
    for environment in tool.get("hatch", {}).get("envs", {}).values():
        yield from _names([*environment.get("dependencies", []), *environment.get("extra-dependencies", [])])
    poetry: dict[str, Any] = tool.get("poetry", {})
    yield from poetry.get("dev-dependencies", {})
    for table in (poetry, *poetry.get("group", {}).values()):
        yield from table.get("dependencies", {})


def _setup(path: Path) -> Iterator[str]:
    """The dependencies of a setup.cfg: its own, and its extras; a broken file has none."""
    content = RawConfigParser()
    try:
        content.read_string(path.read_text(encoding="utf-8"))
    except (ConfigParserError, UnicodeDecodeError):
        return
    own = content.get("options", "install_requires", fallback="")
    extras = dict(content.items("options.extras_require")) if content.has_section("options.extras_require") else {}
    for lines in (own, *extras.values()):
        yield from _names(lines.splitlines())


def _names(lines: list[Any]) -> Iterator[str]:
    """The distribution at the start of each requirement; options, comments and included groups name none.

    An extra often bears the name of what it brings, with or without that of the distribution before it.
    """
    for line in lines:
        if isinstance(line, str) and (match := _NAME.match(line)):
            yield match[1]
            for extra in filter(None, map(str.strip, (match[2] or "").split(","))):
                yield from (extra, f"{match[1]}-{extra}")
