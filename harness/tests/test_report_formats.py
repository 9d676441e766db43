"""Every format shows every status, lets nothing unseen look green, and survives hostile text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from harness.model import Decision, Evidence, Failed, Passed, Reading
from harness.report import formats, html_format, json_format, junit_format, markdown_format, marks, schema, templating
from harness.report.document import Report
from harness.tests import specimen

SCHEMA = Path(__file__).parents[2] / "reports" / "schema" / schema.filename
STATUSES = ("nonconformant", "undetermined", "conformant", "not applicable", "out of profile")


class _Page(HTMLParser):
    """Collects the elements of a page with their attributes, and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember one element."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        """Every id on the page."""
        return [found for _, attributes in self.elements if (found := attributes.get("id"))]


def _hostile(text: str) -> Report:
    """Build a report in which the platform says `text` wherever it can speak."""
    reading = Reading(instrument=text, claim=text, expected=text, observed=(text, text), examined=1)
    line = Evidence(
        check=specimen.REQUIRED[0],
        outcome=Failed(because=text),
        at=specimen.STARTED,
        readings=(reading,),
        findings=(reading,),
        artifacts=(text,),
        mask=text,
        path=text,
    )
    target = replace(specimen.RUN.target, name=text, version=text, source=text)
    run = replace(specimen.RUN, target=target, options=("--target", text))
    return specimen.report(specimen.record(seen=(line, *specimen.EVIDENCE[1:]), run=run))


def _cases(report: Report) -> Iterator[tuple[str, ET.Element]]:
    for case in ET.fromstring(junit_format.render(report)).iter("testcase"):  # noqa: S314 - our own text
        outcome = case.find("properties/property[@name='outcome']")
        yield ("" if outcome is None else outcome.get("value", "")), case


@pytest.mark.parametrize("each", [html_format, markdown_format])
@pytest.mark.parametrize("word", STATUSES)
def test_every_status_is_shown_by_its_word(each: formats.Format, word: str) -> None:
    """A status is a word in each format for people, not only a colour."""
    assert word in each.render(specimen.report())


@pytest.mark.parametrize("each", [json_format, junit_format])
@pytest.mark.parametrize("word", STATUSES)
def test_every_status_is_stored_by_its_name(each: formats.Format, word: str) -> None:
    """A machine finds each status under the name that the model gives it."""
    assert f'"{word.replace(" ", "-")}"' in each.render(specimen.report())


def test_what_was_not_passed_is_never_green_in_junit() -> None:
    """Failed is a failure, inconclusive and not executed are errors, and only what is left out is skipped."""
    found = {outcome: {child.tag for child in case} for outcome, case in _cases(specimen.report())}
    assert "failure" in found["failed"]
    assert "error" in found["inconclusive"]
    assert "error" in found["not-executed"]
    assert "skipped" in found["not-applicable"]
    assert "skipped" in found["out-of-profile"]
    assert found["passed"].isdisjoint({"failure", "error", "skipped"})


def test_junit_counts_what_it_holds() -> None:
    """The totals at the top are those of the cases below, as CI servers expect."""
    root = ET.fromstring(junit_format.render(specimen.report()))  # noqa: S314 - our own text
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.get(attribute, "-1")) == len(list(root.iter(tag)))
    assert int(root.get("tests", "-1")) == len(list(root.iter("testcase")))


def test_a_void_run_is_red_in_junit_though_every_check_passed() -> None:
    """What no single check shows, the case of the decision does."""
    seen = tuple(Evidence(check=each, outcome=Passed(), at=specimen.STARTED) for each in specimen.REQUIRED)
    report = specimen.report(specimen.record(seen=seen, footer=None))
    case = next(case for _, case in _cases(report) if case.get("classname") == "decision")
    assert case.find("error") is not None


def test_a_criterion_without_checks_is_an_error_in_junit() -> None:
    """A criterion that nothing checks does not vanish from the view of a CI."""
    report = specimen.report()
    first = report.requirements[0]
    bare = replace(first, criteria=tuple(replace(each, status="undetermined", checks=()) for each in first.criteria))
    cases = list(_cases(replace(report, requirements=(bare,))))[1:]
    assert len(cases) == 2
    assert all(case.find("error") is not None for _, case in cases)


def test_nothing_unseen_carries_the_mark_of_a_pass() -> None:
    """Only a pass and a conformant status have the good tone."""
    assert [name for name, mark in marks.OUTCOME_MARKS.items() if mark.tone == "good"] == ["passed"]
    assert [name for name, mark in marks.STATUS_MARKS.items() if mark.tone == "good"] == ["conformant"]


def test_not_executed_is_shown_as_a_doubt_in_markdown_and_html() -> None:
    """The check without evidence stands among what needs attention."""
    report = specimen.report()
    assert "- ∅ **not executed** names inside functions resolve" in markdown_format.render(report)
    page = _Page(html_format.render(report))
    unseen = next(one for one in page.all("details") if one.get("id") == "REQ-BILL-001.1/later")
    assert unseen["class"] == "check doubt"
    assert "open" in unseen


@pytest.mark.parametrize(
    ("decision", "word"),
    [
        (Decision(passed=True, exit_code=0, reasons=()), "Conformant"),
        (Decision(passed=False, exit_code=1, reasons=()), "Nonconformant"),
        (Decision(passed=False, exit_code=2, reasons=()), "Undetermined"),
        (Decision(passed=False, exit_code=70, reasons=()), "Not judged"),
        (Decision(passed=True, exit_code=2, reasons=()), "Not judged"),
    ],
)
def test_the_decision_is_a_word(decision: Decision, word: str) -> None:
    """The page and the summary open with what a pipeline obeys; a decision at odds with itself is no pass."""
    report = replace(specimen.report(), decision=decision)
    assert re.search(rf"<h1[^>]*>.*{word}</h1>", html_format.render(report))
    assert f" {word}: reference" in markdown_format.render(report).partition("\n")[0]


def test_what_needs_attention_is_open_and_the_rest_is_folded() -> None:
    """Nonconformant and undetermined requirements are open without any script."""
    page = _Page(html_format.render(specimen.report()))
    unfolded = {one["id"] for one in page.all("details") if "data-status" in one and "open" in one}
    assert unfolded == {"REQ-BILL-001", "REQ-BILL-002"}


def test_every_subject_has_one_anchor_and_every_link_a_place() -> None:
    """Ids are unique, also for a check executed twice, and links stay on the page."""
    page = _Page(html_format.render(specimen.report()))
    ids = page.ids()
    assert len(ids) == len(set(ids))
    assert {"REQ-BILL-001", "REQ-BILL-001.2", "REQ-BILL-003.1/default", "REQ-BILL-003.1/default~2"} <= set(ids)
    for link in page.all("a"):
        target = (link["href"] or "").replace("%5B", "[").replace("%5D", "]").replace("%7E", "~")
        assert target.removeprefix("#") in ids


def test_the_page_asks_nothing_of_the_network() -> None:
    """Nothing is loaded from elsewhere, and the page's own policy forbids it."""
    text = html_format.render(specimen.report())
    page = _Page(text)
    assert not [one for _, one in page.elements if "src" in one]
    assert [one["href"] for one in page.all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?:", text)
    assert any("default-src 'none'" in (one.get("content") or "") for one in page.all("meta"))


@pytest.mark.parametrize("text", [specimen.HOSTILE, '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}{% raw %}"])
def test_hostile_text_stays_text_on_the_page(text: str) -> None:
    """Markup in what a platform said is shown and never becomes an element."""
    rendered = html_format.render(_hostile(text))
    page = _Page(rendered)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert "\x00" not in rendered
    assert "\x1b" not in rendered
    assert "\u202e" not in rendered


def test_hostile_text_stays_text_in_markdown() -> None:
    """Neither HTML nor tables nor links of a platform's making reach a job's summary."""
    rendered = markdown_format.render(_hostile("</td><script>|[x](http://y)````\n# Conformant\n  ```\n\x1b"))
    outside = re.sub(r"(?s)\n  (`{3,})sh\n.*?\n  \1\n", "", rendered)
    assert "<script" not in outside
    assert not re.search(r"[^\\]\]\(", outside)
    assert not re.search(r"\n\s*# Conformant", outside)
    assert "`````sh" in rendered


def test_junit_stays_well_formed_whatever_the_platform_said() -> None:
    """Characters that XML may not hold are taken out, markup is escaped."""
    text = specimen.HOSTILE + "\ufffe]]>" + "\udc80"
    cases = list(_cases(_hostile(text)))
    assert any("alert" in "".join(case.itertext()) for _, case in cases)


@pytest.mark.parametrize("each", [html_format, markdown_format, junit_format])
def test_a_megabyte_of_text_is_cut_with_a_note(each: formats.Format) -> None:
    """Formats for people stay readable; the canonical one keeps everything."""
    report = _hostile("x" * 1_000_000)
    rendered = each.render(report)
    assert "cut here" in rendered
    assert len(rendered) < 400_000
    assert "x" * 1_000_000 in json_format.render(report)


def test_a_summary_too_long_for_ci_is_cut_at_a_line() -> None:
    """CI refuses a summary above 1 MiB as a whole, so that the last lines are given up for the first."""
    report = specimen.report()
    rendered = markdown_format.render(replace(report, requirements=report.requirements[:1] * 900))
    assert len(rendered) <= markdown_format.LIMIT + 100
    assert rendered.endswith("(cut here: the rest is in report.html)\n")


def test_the_command_to_repeat_a_check_is_in_every_format() -> None:
    """A reader of any format can paste it."""
    only = "--only 'REQ-BILL-001.1/each-module[1]'"
    report = specimen.report()
    assert only in json_format.render(report)
    assert only in markdown_format.render(report)
    assert only in junit_format.render(report)
    assert only.replace("'", "&#39;") in html_format.render(report)


def test_the_mask_is_named_on_the_page() -> None:
    """What hid a check is said beside it."""
    assert "Hidden by <code>start</code>" in html_format.render(specimen.report())


def test_the_published_schema_is_current() -> None:
    """The schema in the repository is the one of the code."""
    assert SCHEMA.read_text(encoding="utf-8") == schema.render()


def test_the_json_report_obeys_its_schema() -> None:
    """A report validates, one without its decision does not, and every type says what it is."""
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document = json.loads(json_format.render(specimen.report()))
    jsonschema.validate(document, published, cls=jsonschema.Draft202012Validator)
    assert all(definition.get("description") for definition in published["$defs"].values())
    del document["decision"]
    with pytest.raises(jsonschema.ValidationError, match="decision"):
        jsonschema.validate(document, published, cls=jsonschema.Draft202012Validator)


def test_every_format_is_written_and_replaced_whole(tmp_path: Path) -> None:
    """The four files are there, an earlier one is replaced, and no temporary file stays behind."""
    folder = tmp_path / "run" / "deep"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text("old")
    formats.write(specimen.report(), folder)
    assert sorted(each.name for each in folder.iterdir()) == ["junit.xml", "report.html", "report.json", "report.md"]
    assert json_format.parse((folder / "report.json").read_text(encoding="utf-8")) == specimen.report()


def test_a_place_that_cannot_be_written_is_refused_with_a_hint(tmp_path: Path) -> None:
    """The error names the file and what to do; nothing half-written stays."""
    (tmp_path / "file").write_text("")
    with pytest.raises(formats.ReportNotWritten, match=r"report\.json.*--out"):
        formats.write(specimen.report(), tmp_path / "file")
    (tmp_path / "taken" / "report.json").mkdir(parents=True)
    with pytest.raises(formats.ReportNotWritten):
        formats.write(specimen.report(), tmp_path / "taken")
    assert [each.name for each in (tmp_path / "taken").iterdir()] == ["report.json"]


def test_the_templates_are_found_in_the_checkout() -> None:
    """The folder holds the page and what it includes."""
    names = {each.name for each in templating.folder().iterdir()}
    assert {"report.html.j2", "report.css", "report.js"} <= names
