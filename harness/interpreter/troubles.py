"""Sorts failed imports by their causes: one cause is one violation, however many modules fail for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.interpreter import dependencies
from harness.interpreter.dependencies import Declared
from harness.interpreter.imports import Examined, ImportFailure
from harness.interpreter.protocol import Frame
from harness.interpreter.scan import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Something wrong at a line of a module's file.

    `affected` are the modules that fail for this one cause, `chain` the shortest way to it through the package.
    """

    module: str
    file: str
    line: int
    what: str
    affected: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for a report."""
        others = len(set(self.affected) - {self.module})
        more = f", which fails {others} more" if others else ""
        way = f" by way of {' → '.join(self.chain)}" if len(self.chain) > 1 else ""
        return f"{self.module} ({self.file}:{self.line}): {self.what}{way}{more}"

    def touches(self, modules: frozenset[str]) -> bool:
        """Whether one of these modules is at fault or fails for it."""
        return self.module in modules or not modules.isdisjoint(self.affected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One failed import as one module met it; `absent` is the dependency whose absence alone explains it.

    `later`: the module itself imports, a name that it imports later does not.
    """

    module: str
    at: Frame
    what: str
    chain: tuple[str, ...]
    absent: str | None
    later: bool


def find(scan: Scan, examined: Examined, declared: Declared) -> tuple[Trouble, ...]:
    """Every failed import in the children's reports."""
    return tuple(_find(scan, examined, declared))


def group(troubles: Iterable[Trouble], scan: Scan) -> tuple[Violation, ...]:
    """One violation for each cause among these troubles, in the order of files."""
    causes: defaultdict[tuple[str, int, str], list[Trouble]] = defaultdict(list)
    for trouble in troubles:
        causes[trouble.at.file, trouble.at.line, trouble.what].append(trouble)
    modules = {file.path: file.module for file in scan.files}
    return tuple(_violation(causes[cause], modules) for cause in sorted(causes))


def _find(scan: Scan, examined: Examined, declared: Declared) -> Iterator[Trouble]:
    """Failures of the modules themselves, then of the names that each imports later."""
    paths = {file.module: file.path for file in scan.modules().values()}
    missing = frozenset(one.name for one in examined.missing)
    for report in examined.reports:
        own = Frame(file=paths[report.module], line=0)
        if report.failure:
            absent = _absent(report.failure, scan, declared, missing)
            yield _trouble(report.module, own, report.failure, _words(report.failure, scan), absent, later=False)
        for one in report.unresolved:
            at = Frame(file=own.file, line=one.line)
            absent = _absent(one.failure, scan, declared, missing)
            what = _words(one.failure, scan) if one.failure.frames else f"{one.target}: {_words(one.failure, scan)}"
            yield _trouble(report.module, at, one.failure, what, absent, later=True)


def _trouble(  # noqa: PLR0913 - the parts of one trouble
    module: str, at: Frame, failure: ImportFailure, what: str, absent: str | None, *, later: bool
) -> Trouble:
    """A failure placed at the innermost line of the package that it passed, or else at the importing line."""
    chain = tuple(f"{frame.file}:{frame.line}" for frame in failure.frames)
    place = failure.frames[-1] if failure.frames else at
    return Trouble(module=module, at=place, what=what, chain=chain, absent=absent, later=later)


def _absent(failure: ImportFailure, scan: Scan, declared: Declared, missing: frozenset[str]) -> str | None:
    """The dependency whose absence alone explains a failure; None when the platform is to blame.

    A dependency that is there but cannot be imported itself (a missing library, a missing requirement of its own)
    counts as absent too. One that nobody declared is the platform's fault. `missing`: modules that did not load.
    """
    if failure.in_dependency:
        return f"a dependency that does not import here: {failure.message}"
    if failure.lacking:
        return _behind_guard(failure.lacking, scan, declared, missing)
    top = failure.missing.partition(".")[0]
    if not top or scan.is_own(failure.missing) or top in scan.stdlib:
        return None
    return dependencies.behind(failure.missing, declared)


def _behind_guard(lacking: tuple[str, str], scan: Scan, declared: Declared, missing: frozenset[str]) -> str | None:
    """The declared dependency from which a module takes a name only when that dependency is installed."""
    module, name = lacking
    file = scan.modules().get(module)
    for statement in file.imports if file else ():
        if statement.guarded and name in statement.names and statement.target in missing:
            return declared.provider(statement.target)
    return None


def _words(failure: ImportFailure, scan: Scan) -> str:
    """What went wrong, in one line."""
    first = failure.message.strip().partition("\n")[0]
    words = f"{failure.type}: {first}" if first else failure.type
    missing = failure.missing
    if missing and not scan.is_own(missing) and missing.partition(".")[0] not in scan.stdlib:
        return f"{words} (neither installed nor declared)"
    return words


def _violation(troubles: list[Trouble], modules: dict[str, str]) -> Violation:
    """One cause, with everything that fails for it."""
    first = troubles[0]
    return Violation(
        module=modules.get(first.at.file, first.module),
        file=first.at.file,
        line=first.at.line,
        what=first.what,
        affected=tuple(sorted({trouble.module for trouble in troubles})),
        chain=min((trouble.chain for trouble in troubles), key=len),
    )
