"""Takes from a scratch copy of a platform what its start needs: a billing module, sound code, a package."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from harness.interpreter import closure, dependencies
from harness.interpreter.scan import Kind as ImportKind
from harness.interpreter.scan import Scan

Kind = Literal["removed", "unreadable", "incomplete", "dependency"]

# Whoever starts the platform needs these itself.
_OF_THE_SERVER: Final = frozenset({"uvicorn", "click", "h11"})
_UNREADABLE: Final = "\n\ndef conform_was_here(:\n"
# Python runs it before anything else, wherever it lies first on the path.
_HIDING: Final = '''"""Has Python find one package nowhere."""

import sys
from importlib.machinery import PathFinder

HIDDEN = {name!r}


class Without(PathFinder):
    """Finds everything else."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        """Nothing for what is hidden."""
        return None if fullname.partition(".")[0] == HIDDEN else PathFinder.find_spec(fullname, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Without
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a start has to do without: a module as its importers call it, and other words that name the lack."""

    kind: Kind
    module: str
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As a reader calls it."""
        words = {
            "removed": "without the module",
            "unreadable": "with code that Python cannot read in",
            "incomplete": "with an import of what is not there in",
            "dependency": "without the package",
        }
        return f"{words[self.kind]} {self.module}"

    def named_in(self, line: str) -> bool:
        """Whether a line names it: by its dotted name, by its file, or as what its package does not have."""
        return any(re.search(pattern, line, re.IGNORECASE) for pattern in self._patterns())

    def _patterns(self) -> tuple[str, ...]:
        # Part of a path or of an address is no name.
        own, *others = (rf"(?<![\w./\\-]){re.escape(one)}(?!\w|://)" for one in (self.module, *self.others))
        package, _, name = self.module.rpartition(".")
        if not package:
            return (own, *others)
        folder = package.rpartition(".")[2]
        file = rf"(?:{folder}[/\\]|(?<![\w/\\.])){name}(?:\.py\b|[/\\]__init__\.py\b)"
        taken = rf"{name}['\"]? from (?:partially initialized module )?['\"]?{re.escape(package)}(?![\w.])"
        return (own, file, taken, *others)


def billing_modules(scan: Scan) -> tuple[str, ...]:
    """The modules of section 5.1 that are there and that another module imports, be it in a function."""
    used = {edge.imported for edge in closure.edges(scan) if edge.kind != "type-checking"} & scan.modules().keys()
    return tuple(module for module in closure.BILLING_MODULES if module in used)


def unused_modules(scan: Scan) -> tuple[str, ...]:
    """The modules of section 5.1 that are not there, or that nothing imports."""
    used = billing_modules(scan)
    return tuple(module for module in closure.BILLING_MODULES if module not in used)


def late_packages(scan: Scan, application: str) -> tuple[str, ...]:
    """Declared packages that billing modules cannot do without and that loading the application does not import.

    `application` is the module that a server loads. Such a package is missed at the first call, unless the start asks
    for it in words of its own.
    """
    loaded = _loaded(scan, application)
    return tuple(sorted(_declared(scan, billing_modules(scan), ("runtime", "function")) - _declared(scan, loaded)))


def loaded_packages(scan: Scan, application: str) -> tuple[str, ...]:
    """Declared packages that are imported once the application is loaded, by what billing modules run as well."""
    needed = closure.reached(scan, billing_modules(scan))
    return tuple(sorted(_declared(scan, needed & _loaded(scan, application))))


def _loaded(scan: Scan, application: str) -> frozenset[str]:
    return closure.reached(scan, (application,), kinds=("runtime",))


def _declared(scan: Scan, importers: Iterable[str], kinds: tuple[ImportKind, ...] = ("runtime",)) -> set[str]:
    """The declared packages that these modules import in these ways, and without a handler for their lack."""
    declared, modules = dependencies.read(Path(scan.root)), scan.modules()
    tops = {
        statement.target.partition(".")[0]
        for module in importers
        for statement in modules[module].imports
        if statement.kind in kinds and not statement.guarded and not scan.is_own(statement.target)
    }
    foreign = tops - scan.stdlib - _OF_THE_SERVER - {"__future__"}
    return {name for name in foreign if declared.provider(name)}


def remove(source: Path, scan: Scan, module: str) -> Lack:
    """Take a module's file away; a package goes with all that is in it."""
    file = source / scan.modules()[module].path
    if file.name == "__init__.py":
        shutil.rmtree(file.parent)
    else:
        file.unlink()
    return Lack(kind="removed", module=module)


def spoil(source: Path, scan: Scan, module: str) -> Lack:
    """End a module in words that are no Python."""
    _append(source / scan.modules()[module].path, _UNREADABLE)
    return Lack(kind="unreadable", module=module)


def bereave(source: Path, scan: Scan, module: str, *, absent: str) -> Lack:
    """End a module in an import of something that is nowhere."""
    _append(source / scan.modules()[module].path, f"\n\nimport {absent}\n")
    return Lack(kind="incomplete", module=module, others=(absent,))


def hide(folder: Path, scan: Scan, package: str) -> Lack:
    """Put into a folder what hides a package from every Python that has the folder first on its path."""
    folder.joinpath("sitecustomize.py").write_text(_HIDING.format(name=package), encoding="utf-8")
    distribution = dependencies.read(Path(scan.root)).provider(package)
    return Lack(kind="dependency", module=package, others=(distribution,) if distribution else ())


def _append(file: Path, words: str) -> None:
    with file.open("a", encoding="utf-8") as code:
        code.write(words)
