"""The canonical form: JSON in the shape of the published schema, read back without loss."""

from typing import Final

from pydantic import TypeAdapter, ValidationError

from harness.errors import EvidenceRefused
from harness.report.document import Report

name: Final = "JSON"
filename: Final = "report.json"

_REPORT: Final = TypeAdapter(Report)
_HINT: Final = "name a report.json that `conform run` or `conform report` of this version wrote"


def render(report: Report) -> str:
    """Every field in the order of its definition, indented by two, ending with a newline."""
    return _REPORT.dump_json(report, indent=2).decode() + "\n"


def parse(text: str) -> Report:
    """The report of a report.json; EvidenceRefused names the field when the text is none."""
    try:
        return _REPORT.validate_json(text)
    except ValidationError as error:
        causes = tuple(f"{_place(each['loc'])}: {each['msg']}" for each in error.errors()[:3])
        raise EvidenceRefused("This is no conformance report.", causes=causes, hint=_HINT) from error


def _place(location: tuple[str | int, ...]) -> str:
    return ".".join(str(step) for step in location) or "the whole text"
