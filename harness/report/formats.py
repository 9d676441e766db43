"""The formats of the report, and the one place that writes them down: each file whole or not at all."""

import os
import tempfile
from pathlib import Path
from typing import Final

from harness.errors import ConformError
from harness.report import html_format, json_format, junit_format, markdown_format
from harness.report.document import Report
from harness.report.interface import Format

FORMATS: Final[tuple[Format, ...]] = (json_format, html_format, markdown_format, junit_format)


class ReportNotWritten(ConformError):
    """The report could not be stored where it was asked for."""

    code = "report-not-written"


def write(report: Report, folder: Path) -> None:
    """Write the report in every format into `folder`, which is made if need be; raises ReportNotWritten."""
    for each in FORMATS:
        _replace(folder / each.filename, each.render(report))


def _replace(path: Path, content: str) -> None:
    """Fill a file beside the place and move it there, so that a reader never meets half a report."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _not_written(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
        # mkstemp keeps others out; a report is there to be read.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise _not_written(path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _not_written(path: Path, error: OSError) -> ReportNotWritten:
    hint = "free some space or name another folder with --out; `conform report EVIDENCE` renders again"
    return ReportNotWritten(f"cannot write {path.name}: {error.strerror}", hint=hint)
