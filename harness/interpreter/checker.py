"""Runs pyright, our own copy of it, over files of the platform, and reads what it reports.

The platform's configuration is kept as far as at least the basic rules are left: exclusions, a weaker mode, and rules
switched off that are basic do not reach the run.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from harness.errors import CannotTell

MODES: Final = ("off", "basic", "standard", "strict")
# Rules that tighten when switched on, besides all those that begin with `report` or `strict`.
_TIGHTENING: Final = frozenset({"deprecateTypingAliases", "disableBytesTypePromotions"})
# The rules that pyright's basic mode reports as errors.
_BASIC: Final = frozenset(
    f"report{name}"
    for name in (
        *("AbstractUsage", "ArgumentType", "AssertTypeFailure", "AssignmentType", "AttributeAccessIssue", "CallIssue"),
        *("GeneralTypeIssues", "InconsistentOverload", "IndexIssue", "InvalidTypeArguments", "InvalidTypeForm"),
        *("MissingImports", "NoOverloadImplementation", "OperatorIssue", "OptionalCall", "OptionalContextManager"),
        *("OptionalIterable", "OptionalMemberAccess", "OptionalOperand", "OptionalSubscript", "PrivateImportUsage"),
        *("Redeclaration", "ReturnType", "TypedDictNotRequiredAccess", "UnboundVariable"),
        *("UndefinedVariable", "Unhashable", "UnusedCoroutine", "UnusedExcept"),
    )
)
# Variables that would lead pyright, its Node or the platform's Python to other code than is meant.
_LEADING_ASTRAY: Final = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "NODE_OPTIONS", "NODE_PATH"})
_COMMENT: Final = re.compile(r"^\s*//.*$", re.MULTILINE)
_TRAILING_COMMA: Final = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a file as pyright counts: lines from 0."""

    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where a diagnostic begins."""

    start: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing that pyright reports about a file, named by its absolute path."""

    file: str
    severity: str
    message: str
    range: Range = Range(start=Position(line=0))
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much pyright looked at."""

    filesAnalyzed: int  # noqa: N815 - pyright's word


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What `pyright --outputjson` prints."""

    generalDiagnostics: tuple[Diagnostic, ...]  # noqa: N815 - pyright's word
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The Python whose packages code finds, and the minor version that it is read as, where that is another one's."""

    python: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The mode of a run, and the rules that the platform sets otherwise."""

    mode: str
    adjusted: tuple[tuple[str, bool | str], ...] = ()


_OUTPUT: Final = TypeAdapter(Output)


def rules(source: Path) -> Rules:
    """The platform's rules, but at least basic; a platform without configuration gets basic."""
    found = next(filter(None, map(_configured, (source, source.parent))), None)
    if found is None:
        return Rules(mode="basic")
    # A configuration without a mode means pyright's default.
    mode = found.get("typeCheckingMode", "standard")
    adjusted = tuple(sorted((name, value) for name, value in found.items() if _is_kept(name, value)))
    return Rules(mode=mode if mode in MODES[1:] else "basic", adjusted=adjusted)


def run(folder: Path, paths: Iterable[Path], *, source: Path, reader: Reader, deadline: float) -> Output:
    """Check these files and folders in one run with a configuration in `folder`; `deadline` in seconds."""
    demanded = rules(source)
    settings: dict[str, Any] = {
        **dict(demanded.adjusted),
        "typeCheckingMode": demanded.mode,
        "include": [os.path.relpath(path.resolve(), folder.resolve()) for path in paths],
        "exclude": [],
        "extraPaths": [str(source.resolve())],
        **({"pythonVersion": reader.version} if reader.version else {}),
    }
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    options = ("--outputjson", "--project", str(project), "--pythonpath", reader.python)
    said = _output((sys.executable, "-m", "pyright", *options), folder, deadline)
    try:
        return _OUTPUT.validate_json(said)
    except ValidationError as error:
        last = said.decode(errors="replace").strip().rpartition("\n")[2][:300]
        raise CannotTell("pyright did not answer", causes=(last,), hint="conform doctor looks at the tools") from error


def _configured(folder: Path) -> dict[str, Any] | None:
    """The pyright configuration in a folder, None when there is none or it cannot be read."""
    project, own = folder / "pyproject.toml", folder / "pyrightconfig.json"
    try:
        if own.is_file():
            return json.loads(_TRAILING_COMMA.sub(r"\1", _COMMENT.sub("", own.read_text(encoding="utf-8"))))
        if project.is_file():
            return tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("pyright")
    except (OSError, ValueError):
        return None
    return None


def _is_kept(name: str, value: object) -> bool:
    """Whether a setting makes more of the platform's code an error, or less of what no basic rule forbids."""
    if value is True or value == "error":
        return name.startswith(("report", "strict")) or name in _TIGHTENING
    return name.startswith("report") and name not in _BASIC and value in (False, "none", "information", "warning")


def _output(command: tuple[str, ...], folder: Path, deadline: float) -> bytes:
    """What the program prints within its deadline; beyond it, it is killed with all that it started."""
    env = {name: value for name, value in os.environ.items() if name not in _LEADING_ASTRAY}
    program = subprocess.Popen(
        command,
        cwd=folder,
        env={**env, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return program.communicate(timeout=deadline)[0]
    except subprocess.TimeoutExpired:
        raise CannotTell(f"pyright was not done within {deadline:g} s") from None
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
