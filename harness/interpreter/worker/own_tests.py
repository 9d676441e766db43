"""Runs tests of the platform by the platform's own pytest, and writes down how each went, as it goes.

Those that are named, and all unit tests where the lines that they execute are wanted. One JSON line for each fact, so
that what was seen before a crash or a hang is kept. The platform's configuration applies, but for what would keep a
test from being run here, or its assertions or lines from being seen.
"""

from __future__ import annotations

import compileall
import contextlib
import glob
import json
import os
import re
import sys
from collections.abc import Generator, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, TextIO

from . import kinds
from .assertions import Tally
from .lines import Meter

OVERRULED = ("--assert=rewrite", "-o", "enable_assertion_pass_hook=true", "--maxfail=0", "-m", "", "-k", "")
# Whatever longer form a failure is told in, pytest reads the source of each frame for it.
QUIETLY = ("-q", "--no-header", "--tb=line", "-rN", "--continue-on-collection-errors")
# Options of plugins that send tests elsewhere, and of pytest that leave some of them out.
REPLACED: dict[str, Any] = {
    "numprocesses": 0,
    "dist": "no",
    "tx": [],
    "ignore": None,
    "ignore_glob": None,
    "deselect": None,
}
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "site-packages"}
MISSING = re.compile(r"No module named '([\w.]+)'")
WORDS_KEPT = 600


def run(request: str) -> None:
    """Run what a request asks for (its fields are those of `interpreter.own_tests.Request`), and write facts down."""
    asked = json.loads(request)
    with Path(asked["report"]).open("w", encoding="utf-8", buffering=1) as facts:
        try:
            import pytest  # noqa: PLC0415 - whether it is there is the question
        except ImportError:
            return say(facts, kind="lacking")
        say(facts, kind="bare", plugins=[name for name in asked["plugins"] if not is_installed(name)])
        compile_package(asked["package"])
        meter = Meter(asked["measured"], asked["lent"]) if asked["measured"] else None
        plugin = Plugin(facts, tuple(asked["wanted"]), meter)
        # Around everybody else's, so that nobody who measures lines too has begun before.
        pytest.hookimpl(hookwrapper=True)(Plugin.pytest_load_initial_conftests)
        sys.argv[:] = ["pytest"]
        folders = outermost({file.parent for file in plugin.files})
        words = [*OVERRULED, *QUIETLY, "-o", f"cache_dir={asked['cache']}", *map(str, folders)]
        code = pytest.main(words, plugins=[plugin]) if plugin.files else 0
        plugin.conclude()
        return say(facts, kind="ended", code=int(code))


class Plugin:
    """Keeps the tests asked for, has assertions and lines counted, and tells what became of each."""

    def __init__(self, facts: TextIO, wanted: tuple[str, ...], meter: Meter | None) -> None:
        self.facts = facts
        self.wanted = wanted
        self.meter = meter
        self.named = frozenset(mentioning(wanted))
        self.files = sorted({*self.named, *(kinds.candidates(sources()) if meter else ())})
        self.tally = Tally(f"{Path.cwd()}{os.sep}")
        self.unit: set[str] = set()

    def pytest_load_initial_conftests(self, early_config: Any) -> Generator[None, Any]:
        """Have the modules beside the tests rewritten too, so that an `assert` in them is seen, and count lines.

        Where the first conftest cannot be read, pytest gives up at once, which hides every test.
        """
        import pytest  # noqa: PLC0415 - see run

        early_config.known_args_namespace.no_cov = True
        pytest.register_assert_rewrite(*beside(self.files))
        self.tally.watch_everything(pytest)
        if self.meter:
            self.meter.start()
        outcome = yield
        if outcome.excinfo:
            self.tell_barred(outcome.excinfo[1])

    def pytest_configure(self, config: Any) -> None:
        """Look for unit tests where the platform says that its tests are, if it says so."""
        # Patterns are read as pytest reads them.
        told = (glob.glob(str(config.rootpath / one), recursive=True) for one in config.getini("testpaths"))  # noqa: PTH207
        homes = [Path(found) for one in told for found in one]
        if homes:
            self.files = [file for file in self.files if file in self.named or kinds.is_below(file, homes)]
        if has_namesakes(self.files):
            # Suites of two folders that are run one by one may use a name twice.
            config.option.importmode = "importlib"

    def pytest_cmdline_main(self, config: Any) -> None:
        """Run everything here, in this process, and leave nothing out."""
        for name, value in REPLACED.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out what names no wanted test; about the rest the platform's own rules decide."""
        return None if any(file.is_relative_to(collection_path) for file in self.files) else True

    def pytest_collectreport(self, report: Any) -> None:
        """Tell which wanted tests are out of sight because a file could not be read, and why."""
        if report.outcome != "passed":
            hidden, broad = mentioned(self.wanted, self.files, report.nodeid), kinds.is_broad(Path(report.nodeid))
            self.tell_unread(report.nodeid, hidden, report.outcome, said_by(report), unit=not broad)

    def tell_barred(self, error: BaseException) -> None:
        """Tell that no test can be seen, for want of a conftest."""
        file, cause = os.path.relpath(getattr(error, "path", "conftest.py")), getattr(error, "cause", error)
        self.tell_unread(file, list(self.wanted), "failed", f"{type(cause).__name__}: {cause}"[:WORDS_KEPT], unit=True)

    def tell_unread(self, file: str, hidden: list[str], outcome: str, said: str, *, unit: bool) -> None:
        """Tell that a file could not be read, and why."""
        measured = unit and self.meter is not None
        told = {"wanted": hidden, "unit": measured, "outcome": outcome, "words": said, "lacks": lacking(said)}
        say(self.facts, kind="unread", file=file, **told)

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the tests asked for, and tell which of them their authors have switched off."""
        self.unit = {item.nodeid for item in kinds.unit(items)} if self.meter else set()
        items[:] = [item for item in items if item.nodeid in self.unit or names(item, self.wanted)]
        for item in items:
            wanted, off, unit = names(item, self.wanted), is_switched_off(item), item.nodeid in self.unit
            say(self.facts, kind="found", test=item.nodeid, wanted=wanted, off=off, unit=unit)

    def pytest_runtestloop(self, session: Any) -> None:
        """Run unit tests first: which lines they execute is told before any other test begins."""
        session.items.sort(key=self.is_broader)

    def is_broader(self, item: Any) -> bool:
        """Whether a test is no unit test."""
        return item.nodeid not in self.unit

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell that a test begins."""
        if nodeid not in self.unit:
            self.conclude()
        say(self.facts, kind="began", test=nodeid)

    def pytest_runtest_call(self) -> None:
        """Count from here: what fixtures assert says nothing for the test."""
        self.tally.open()

    def pytest_assertion_pass(self, orig: str) -> None:
        """Count an `assert` that held."""
        self.tally.add_statement(orig)

    def pytest_runtest_teardown(self, item: Any) -> None:
        """Count up to here."""
        say(self.facts, kind="asserted", test=item.nodeid, count=self.tally.close())

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Tell how one phase of a test went."""
        said = "" if report.outcome == "passed" else said_by(report)
        say(
            self.facts,
            kind="phase",
            test=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            expected=hasattr(report, "wasxfail"),
            words=said,
            lacks=lacking(said),
        )

    def conclude(self) -> None:
        """Tell once which lines were executed."""
        meter, self.meter = self.meter, None
        fact = meter.stop() if meter else None
        if fact:
            say(self.facts, **fact)


def is_installed(distribution: str) -> bool:
    """Whether this Python has a distribution."""
    try:
        return bool(metadata.distribution(distribution))
    except metadata.PackageNotFoundError:
        return False


def compile_package(package: str) -> None:
    """Compile the platform's code once, where every process that a test starts would do it anew."""
    if sys.dont_write_bytecode:
        compileall.compile_dir(package, quiet=2)


def mentioning(wanted: tuple[str, ...]) -> list[Path]:
    """Every file below the source root that mentions a wanted test, which it does if it holds it."""
    plain = "|".join(re.escape(one.rpartition("::")[2]) for one in wanted)
    mention = re.compile(rf"\b(?:{plain})\b")
    texts = ((path, path.read_text(encoding="utf-8", errors="replace")) for path in sources() if wanted)
    return [path for path, text in texts if mention.search(text)]


def sources() -> Iterator[Path]:
    """Every Python file below the source root that may be the platform's own."""
    for folder, folders, files in os.walk(Path.cwd()):
        folders[:] = sorted(name for name in folders if is_searched(Path(folder, name)))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))


def mentioned(wanted: tuple[str, ...], files: list[Path], node: str) -> list[str]:
    """The wanted tests that the file of a node mentions, or could, if it is not known which file that is."""
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files if str(file).endswith(f"/{node}")]
    return [one for one in wanted if not texts or any(one.rpartition("::")[2] in text for text in texts)]


def is_searched(folder: Path) -> bool:
    """Whether tests of the platform may lie in a folder: not in hidden ones, nor in installed packages."""
    installed = folder.name in SKIPPED_FOLDERS or (folder / "pyvenv.cfg").exists()
    return not installed and not folder.name.startswith(".")


def outermost(folders: set[Path]) -> list[Path]:
    """The folders that lie in none of the others."""
    return sorted(one for one in folders if not any(other in one.parents for other in folders))


def has_namesakes(files: list[Path]) -> bool:
    """Whether pytest would take two files for one module, as it does where no package tells them apart."""
    loose = [file.name for file in files if not (file.parent / "__init__.py").exists()]
    return len(set(loose)) < len(loose)


def beside(files: list[Path]) -> list[str]:
    """Every name under which a test could import a module that lies in the same top-level folder as it."""
    root = Path.cwd()
    # What merely mentions a test is no neighbour of it: the platform's own code must not count as its tests.
    tops = {root / file.relative_to(root).parts[0] for file in files if "test" in file.name}
    modules = [path.relative_to(root).with_suffix("") for top in tops for path in sorted(top.rglob("*.py"))]
    names = {".".join(module.parts[first:]) for module in modules for first in range(len(module.parts))}
    known = sys.stdlib_module_names | sys.modules.keys()
    return sorted(name for name in names if name.partition(".")[0] not in known)


def names(item: Any, wanted: tuple[str, ...]) -> list[str]:
    """Which of the wanted tests this one is."""
    name = getattr(item, "originalname", None) or item.name.partition("[")[0]
    path = item.path.relative_to(Path.cwd()).as_posix() if item.path.is_relative_to(Path.cwd()) else ""
    return [one for one in wanted if one in (name, f"{path}::{name}")]


def is_switched_off(item: Any) -> bool:
    """Whether its authors skip it wherever it runs; marks that a hook has put on it depend on how it is run."""
    owners = (getattr(item, name, None) for name in ("function", "cls", "module"))
    return any(mark.name == "skip" for owner in owners for mark in marks_of(owner))


def marks_of(owner: Any) -> list[Any]:
    """The marks in the source of a function, class or module; a module may state one without a list."""
    stated: Any = getattr(owner, "pytestmark", [])
    marks: list[Any] = [stated]
    with contextlib.suppress(TypeError):
        marks = list(stated)
    return [getattr(mark, "mark", mark) for mark in marks]


def said_by(report: Any) -> str:
    """Why a test or a file did not pass, in its own words: a reason, or the error that was raised."""
    told: Any = report.longrepr
    if isinstance(told, tuple):
        return str(told[-1])[:WORDS_KEPT]  # pyright: ignore[reportUnknownArgumentType] - file, line and reason
    crash = getattr(told, "reprcrash", None)
    text = str(getattr(report, "wasxfail", "") or (crash.message if crash else told or "")).strip()
    raised = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return (raised[-1] if raised and crash is None else text)[:WORDS_KEPT]


def lacking(words: str) -> str:
    """The module that was not found, if that is what was said."""
    found = MISSING.search(words)
    return found[1] if found else ""


def say(facts: TextIO, **fact: Any) -> None:
    """Write one fact."""
    facts.write(json.dumps(fact) + "\n")
