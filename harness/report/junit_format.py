"""The report as JUnit XML: nothing that was not seen to pass can look green in a CI's test view."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from harness.model import Reading
from harness.report import marks, text
from harness.report.document import CheckEntry, CriterionEntry, Report, RequirementEntry, RunEntry

name: Final = "JUnit XML"
filename: Final = "junit.xml"

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The element that stands for an outcome; a pass has none, and whatever is not listed is an error.
_ELEMENTS: Final = {"failed": "failure", "not-applicable": "skipped", "out-of-profile": "skipped"}


def render(report: Report) -> str:
    """One suite per requirement, one case per execution of a check, and one case for the decision itself."""
    root = ET.Element("testsuites", {"name": "conformance", "time": f"{report.run.seconds:.3f}"})
    _decision(root, report)
    for requirement in report.requirements:
        _suite(root, report, requirement)
    _count(root, tuple(root.iter("testcase")))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _decision(root: ET.Element, report: Report) -> None:
    """A void run or a spent gap turns no single check, so the decision is a case of its own."""
    suite = _add(root, "testsuite", name="decision", timestamp=report.run.started.isoformat())
    mark = marks.of_decision(report.decision)
    case = _add(suite, "testcase", classname="decision", name="every requirement judged is conformant", time="0.000")
    if mark.tone != "good":
        element = "failure" if mark.tone == "bad" else "error"
        _trouble(case, element, mark.word, "\n".join(report.decision.reasons))
    _count(suite, (case,))


def _suite(root: ET.Element, report: Report, requirement: RequirementEntry) -> None:
    name = f"{requirement.id} {requirement.title}"
    suite = _add(root, "testsuite", name=name, timestamp=report.run.started.isoformat())
    _properties(suite, _origin(report.run, requirement))
    for criterion in requirement.criteria:
        _criterion(suite, requirement, criterion)
    if not requirement.criteria:
        case = _add(suite, "testcase", classname=requirement.id, name=requirement.title, time="0.000")
        _properties(case, {"requirement": requirement.id, "status": requirement.status})
        _trouble(case, "error", requirement.status, "\n".join(requirement.because))
    cases = tuple(suite.iter("testcase"))
    _count(suite, cases)
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _origin(run: RunEntry, requirement: RequirementEntry) -> dict[str, str]:
    return {
        "requirement": requirement.id,
        "status": requirement.status,
        "section": requirement.source.section,
        "target": f"{run.target.name} {run.target.version}",
        "digest": run.target.digest,
        "profile": run.profile,
        "seed": str(run.seed),
    }


def _criterion(suite: ET.Element, requirement: RequirementEntry, criterion: CriterionEntry) -> None:
    for check in criterion.checks:
        _check(suite, requirement, criterion, check)
    if not criterion.checks:
        _unchecked(suite, requirement, criterion)


def _unchecked(suite: ET.Element, requirement: RequirementEntry, criterion: CriterionEntry) -> None:
    """A criterion without a check still is a case: an error, unless this profile leaves it out."""
    case = _add(suite, "testcase", classname=criterion.id, name=criterion.text, time="0.000")
    _properties(case, {"requirement": requirement.id, "criterion": criterion.id, "status": criterion.status})
    element = "skipped" if criterion.status in ("out-of-profile", "not-applicable") else "error"
    _trouble(case, element, criterion.status, "\n".join(criterion.because))


def _check(suite: ET.Element, requirement: RequirementEntry, criterion: CriterionEntry, check: CheckEntry) -> None:
    path = f" by {check.path}" * bool(check.path) + ", under repair" * bool(check.repairs)
    case = _add(suite, "testcase", classname=criterion.id, name=f"{check.title} ({check.id}{path})")
    case.set("time", f"{check.seconds:.3f}")
    _properties(
        case,
        {
            "requirement": requirement.id,
            "criterion": criterion.id,
            "check": check.id,
            "status": criterion.status,
            "outcome": check.outcome,
            "examined": str(check.examined),
            "reproduce": check.reproduce,
        },
    )
    if check.outcome != "passed":
        _trouble(case, _ELEMENTS.get(check.outcome, "error"), marks.OUTCOME_MARKS[check.outcome].word, check.because)
    if check.readings or check.findings:
        _add(case, "system-out").text = _legal("\n".join(_readings(check)))


def _readings(check: CheckEntry) -> list[str]:
    readings = [_reading("reading", one) for one in check.readings]
    return readings + [_reading("finding", one) for one in check.findings]


def _reading(label: str, one: Reading) -> str:
    instrument, claim = text.shown(one.instrument, text.VALUE), text.shown(one.claim, text.VALUE)
    seen = f"expected {text.seen(one.expected)}, observed {text.seen(one.observed)}"
    return f"{label} by {instrument}: {claim}: {seen}, examined {one.examined}, {text.duration(one.seconds)}"


def _trouble(case: ET.Element, element: str, word: str, because: str) -> None:
    shown = text.shown(because)
    first = shown.partition("\n")[0]
    _add(case, element, type=word, message=f"{word}: {first}").text = _legal(shown)


def _properties(element: ET.Element, pairs: dict[str, str]) -> None:
    properties = _add(element, "properties")
    for key, value in pairs.items():
        _add(properties, "property", name=key, value=value)


def _count(suite: ET.Element, cases: tuple[ET.Element, ...]) -> None:
    counted = (("tests", cases), ("failures", _with(cases, "failure")), ("errors", _with(cases, "error")))
    for attribute, those in (*counted, ("skipped", _with(cases, "skipped"))):
        suite.set(attribute, str(len(those)))


def _with(cases: tuple[ET.Element, ...], element: str) -> tuple[ET.Element, ...]:
    return tuple(case for case in cases if case.find(element) is not None)


def _add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, {key: _legal(text.shown(value)) for key, value in attributes.items()})


def _legal(quoted: str) -> str:
    """The text without the characters that no XML file may hold, even escaped."""
    return _ILLEGAL.sub("", quoted)
