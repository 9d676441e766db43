"""Measures whether the billing files pass a static type check, under the platform's own rules but at least basic ones.

One run of pyright looks at the five files, at the rest of the package, and at a file of ours with a known error: if
that error is not reported, nothing else that pyright says or keeps silent about counts.
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from harness.errors import CannotTell
from harness.interpreter import checker, closure, dependencies
from harness.interpreter.checker import Diagnostic, Output, Reader
from harness.interpreter.dependencies import Declared
from harness.interpreter.scan import Import, Scan, SourceFile
from harness.journal import Journal

CHECK_DEADLINE: Final = 300.0
SHOWN: Final = 10
_CANARY: Final = 'wrong: int = "a known error"\n'
_CANARY_RULE: Final = "reportAssignmentType"
_SUPPRESSION: Final = re.compile(r"#\s*(?:type:\s*ignore|pyright:)")
_UNRESOLVED: Final = re.compile(r'Import "([^"]+)" could not be resolved')

Blame = Literal["platform", "absent", "optional"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One type error: where it is, the rule, and what pyright says."""

    file: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        """One line for a report."""
        first = self.message.partition("\n")[0]
        return f"{self.file}:{self.line}: {first}" + (f" ({self.rule})" if self.rule else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingMeasurement:
    """Errors in the billing files, errors elsewhere, and the comments that keep pyright silent in the billing files.

    `not_installed` names declared dependencies that the billing files import and pyright could not see.
    """

    files: tuple[str, ...]
    analyzed: int
    mode: str
    errors: tuple[Complaint, ...]
    elsewhere: tuple[Complaint, ...]
    suppressions: tuple[str, ...]
    not_installed: tuple[str, ...]


class Typing:
    """The instrument of REQ-BILL-001.3: notes the measured types in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: TypingMeasurement) -> None:
        self._journal = journal
        self._measurement = measurement

    def errors(self) -> tuple[Complaint, ...]:
        """Type errors in the billing files; CannotTell when there are none but a dependency could not be seen."""
        measured = self._measurement
        self._journal.note(
            "pyright",
            f"the billing files pass a type check in {measured.mode} mode",
            expected=(),
            observed=tuple(map(str, measured.errors)),
            examined=len(measured.files),
        )
        self._find("comment that silences the type checker", measured.suppressions)
        self._find("type error outside the billing files", tuple(map(str, measured.elsewhere)))
        if measured.not_installed and not measured.errors:
            raise dependencies.not_installed(measured.not_installed)
        return measured.errors

    def _find(self, claim: str, seen: tuple[str, ...]) -> None:
        """Show how many there are, and the first few."""
        if seen:
            observed = (*seen[:SHOWN], *([f"and {len(seen) - SHOWN} more"] if len(seen) > SHOWN else []))
            self._journal.find(
                "pyright", f"{claim}: {len(seen)}", observed=observed, examined=self._measurement.analyzed
            )


def measure_typing(scan: Scan, reader: Reader, *, deadline: float = CHECK_DEADLINE) -> TypingMeasurement:
    """Check the types of the package with pyright, as the platform's Python would find its imports.

    CannotTell when pyright misses the error in our own file or takes longer than `deadline` seconds.
    """
    source = Path(scan.root)
    files = tuple(file for file in scan.modules().values() if file.module in closure.BILLING_MODULES)
    with tempfile.TemporaryDirectory(prefix="conform-typing-") as folder:
        canary = Path(folder, "canary.py")
        canary.write_text(_CANARY, encoding="utf-8")
        paths = (canary, *(source / file.path for file in files), source / scan.package)
        output = checker.run(Path(folder), paths, source=source, reader=reader, deadline=deadline)
        found = _without_canary(output, canary)
    return _measurement(scan, files, found, analyzed=output.summary.filesAnalyzed - 1)


def _without_canary(output: Output, canary: Path) -> tuple[Diagnostic, ...]:
    """The errors besides the one in our own file, which must be among them."""
    errors = [one for one in output.generalDiagnostics if one.severity == "error"]
    ours = [one for one in errors if Path(one.file).resolve() == canary.resolve()]
    if output.summary.filesAnalyzed < 1 or _CANARY_RULE not in {one.rule for one in ours}:
        raise CannotTell("pyright does not report the error in a file of our own")
    return tuple(one for one in errors if one not in ours)


def _measurement(
    scan: Scan, files: tuple[SourceFile, ...], found: tuple[Diagnostic, ...], *, analyzed: int
) -> TypingMeasurement:
    """Errors sorted by whether they are in the billing files and whose fault they are."""
    source = Path(scan.root)
    declared = dependencies.read(source)
    billing = {file.path: file for file in files}
    inside = [one for one in found if _relative(one, source) in billing]
    blamed = [(one, _blame(one, billing[_relative(one, source)], scan, declared)) for one in inside]
    absent = {declared.provider(_unresolved(one)) or "" for one, blame in blamed if blame == "absent"}
    beyond = {name for one in found if (name := declared.provider(_unresolved(one)))}
    wrong = [one for one, blame in blamed if blame == "platform" and not (beyond and _follows_from_absence(one))]
    if len(wrong) < sum(blame == "platform" for _, blame in blamed):
        absent |= beyond
    return TypingMeasurement(
        files=tuple(billing),
        analyzed=analyzed,
        mode=checker.rules(source).mode,
        errors=tuple(_complaint(one, source) for one in wrong),
        elsewhere=tuple(_complaint(one, source) for one in found if one not in inside),
        suppressions=tuple(line for file in files for line in _suppressions(file, source)),
        not_installed=tuple(sorted(absent)),
    )


def _blame(one: Diagnostic, file: SourceFile, scan: Scan, declared: Declared) -> Blame:
    """Whether an error is the platform's, or only that a dependency is not there to be looked at."""
    target = _unresolved(one)
    if not target or target.startswith(".") or scan.is_own(target):
        return "platform"
    if any(_covers(statement, one, target) for statement in file.imports):
        return "optional"
    return "absent" if declared.provider(target) else "platform"


def _follows_from_absence(one: Diagnostic) -> bool:
    """Whether strict rules complain of nothing but a type that an absent dependency leaves unknown."""
    return one.rule.startswith(("reportUnknown", "reportUntyped"))


def _covers(statement: Import, one: Diagnostic, target: str) -> bool:
    """Whether an unresolved import is one that the file allows to fail."""
    return statement.guarded and statement.target == target and statement.line <= one.range.start.line + 1


def _unresolved(one: Diagnostic) -> str:
    """The module that an unresolved import names, or nothing for any other error."""
    match = _UNRESOLVED.match(one.message) if one.rule == "reportMissingImports" else None
    return match[1] if match else ""


def _complaint(one: Diagnostic, source: Path) -> Complaint:
    """An error with lines counted from 1 and the file named from the source root."""
    return Complaint(file=_relative(one, source), line=one.range.start.line + 1, rule=one.rule, message=one.message)


def _relative(one: Diagnostic, source: Path) -> str:
    """The file of an error below the source root; links are followed on both sides."""
    path = Path(one.file).resolve()
    return str(path.relative_to(source.resolve())) if path.is_relative_to(source.resolve()) else one.file


def _suppressions(file: SourceFile, source: Path) -> Iterator[str]:
    """Every comment in a file that silences the type checker."""
    content = (source / file.path).read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(content.splitlines(), start=1):
        if _SUPPRESSION.search(line):
            yield f"{file.path}:{number}: {line.strip()}"
