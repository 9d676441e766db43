"""Features and document are compared both ways, and edits of the text are shown."""

import re
from pathlib import Path

import pytest

from harness import outline, trace
from harness.errors import Misuse

SUITE = Path(__file__).resolve().parents[2]
DOCUMENT = """# A platform

## 3. Requirements

### 3.1 Size

#### REQ-TINY-001: A platform has a length

It is three long.

- [ ] Nobody measured less
- [ ] Nobody measured more

#### REQ-TINY-002: A platform has a weight

It is light.

## 4. Constraints

It is blue.
"""
FEATURE = """@{name} @source-{section} @lane-source @core
Feature: A platform has a length

  @{name}.1
  Rule: Nobody measured less

    Scenario: less
      Then it is not less

  @{name}.2
  Rule: Nobody measured more

    Scenario: more
      Then it is not more
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite whose outline is that of the document, with one derived statement, and one feature."""
    derived = outline.Statement(id="CON-BLUE-001", kind="derived", section="4", criteria=1, sentences=())
    statements = outline.renewed((derived,), outline.parse(DOCUMENT))
    (tmp_path / trace.OUTLINE).parent.mkdir(parents=True)
    (tmp_path / trace.OUTLINE).write_text(outline.dump(statements))
    add_feature(tmp_path, name="REQ-TINY-001", section="3.1")
    return tmp_path


def add_feature(suite: Path, *, name: str, section: str) -> None:
    """Put a feature of two criteria into the suite."""
    path = suite / "features" / f"{name}.feature"
    path.parent.mkdir(exist_ok=True)
    path.write_text(FEATURE.format(name=name, section=section))


def edits(suite: Path, document: str) -> tuple[str, ...]:
    """Compare with a document of this text."""
    path = suite / "document.md"
    path.write_text(document)
    return trace.compare(suite, path).edits


def test_every_statement_is_listed_covered_or_not(suite: Path) -> None:
    """With and without the document; what no feature covers is never a pass."""
    (suite / "document.md").write_text(DOCUMENT)
    for document in (None, suite / "document.md"):
        found = trace.compare(suite, document)
        listed = {one.statement.id: one.covered for one in found.coverage}
        assert listed == {"CON-BLUE-001": False, "REQ-TINY-001": True, "REQ-TINY-002": False}
        assert (found.strangers, found.edits, found.exit_code) == ((), (), 2)
    assert "REQ-TINY-002" in trace.render(found)
    assert "1 edited" not in trace.render(found)


def test_everything_covered_is_whole(suite: Path) -> None:
    """With a feature for each statement nothing is left over."""
    add_feature(suite, name="REQ-TINY-002", section="3.1")
    add_feature(suite, name="CON-BLUE-001", section="4")
    path = suite / "features" / "REQ-TINY-002.feature"
    for name in ("REQ-TINY-002", "CON-BLUE-001"):
        path = suite / "features" / f"{name}.feature"
        path.write_text(path.read_text().partition(f"  @{name}.2")[0])
    assert trace.compare(suite, None).exit_code == 0


@pytest.mark.parametrize(
    ("was", "now", "state"),
    [
        ("    Scenario: less\n      Then it is not less\n", "", "without a check"),
        ("    Scenario: less\n      Then it is not less\n", "    Untested: too small\n", "untestable"),
        ("  @REQ-TINY-001.1\n", "  @REQ-TINY-001.1 @hardened\n", "deferred"),
    ],
)
def test_a_criterion_says_what_is_done_about_it(suite: Path, was: str, now: str, state: str) -> None:
    """Only a core check covers it."""
    path = suite / "features" / "REQ-TINY-001.feature"
    text = path.read_text().replace(was, now)
    # A hardened rule needs hardened scenarios: the tag of the feature would say both.
    path.write_text(
        re.sub(r" @core\n", "\n", text).replace("    Scenario: more", "    @core\n    Scenario: more")
        if state == "deferred"
        else text
    )
    (first,) = (one for one in trace.compare(suite, None).coverage if one.statement.id == "REQ-TINY-001")
    assert dict(first.criteria)["REQ-TINY-001.1"] == state


def test_a_feature_that_nobody_asks_for_is_a_stranger(suite: Path) -> None:
    """By its requirement, or by a criterion that the document does not have."""
    add_feature(suite, name="REQ-ODD-001", section="3.1")
    add_feature(suite, name="REQ-TINY-002", section="3.1")
    assert trace.compare(suite, None).strangers == ("REQ-ODD-001", "REQ-TINY-002.2")


def test_a_wrong_section_is_told(suite: Path) -> None:
    """The feature says where its statement stands, and must be right."""
    add_feature(suite, name="REQ-TINY-001", section="3.2")
    assert trace.compare(suite, None).strangers == ("REQ-TINY-001 in section 3.2: it stands in 3.1",)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("three long", "four long", "REQ-TINY-001: the text in section 3.1 differs (2 sentences)"),
        ("It is blue", "It is red", "CON-BLUE-001: the text in section 4 differs (2 sentences)"),
        ("- [ ] Nobody measured more", "", "REQ-TINY-001 has 1 criteria, it had 2"),
        ("more\n", "more\n- [ ] Nobody slept\n", "REQ-TINY-001 has 3 criteria, it had 2"),
        ("#### REQ-TINY-002: A platform has a weight\n\nIt is light.\n", "", "REQ-TINY-002 is gone from section 3.1"),
        ("## 4.", "#### REQ-TINY-003: It is new\n\nIt is.\n\n## 4.", "REQ-TINY-003 is new"),
    ],
)
def test_an_edit_of_the_document_is_shown(suite: Path, was: str, now: str, told: str) -> None:
    """A sentence, a box, a requirement gained or lost: each is named."""
    assert edits(suite, DOCUMENT.replace(was, now)) == (told,)


def test_layout_is_no_edit(suite: Path) -> None:
    """Ticked boxes, blanks, emphasis and capitals say nothing new."""
    document = DOCUMENT.replace("- [ ] Nobody", "- [x]  **nobody**").replace("\n\n", "\n\n\n")
    assert edits(suite, document) == ()


def test_an_edit_that_was_accepted_is_none(suite: Path) -> None:
    """The outline is renewed from the document, and keeps its derived statements."""
    document = suite / "document.md"
    document.write_text(DOCUMENT.replace("three long", "four long"))
    trace.accept(suite, document)
    assert trace.compare(suite, document).edits == ()
    assert len(trace.compare(suite, None).coverage) == 3


def test_a_document_of_something_else_is_refused(suite: Path) -> None:
    """A text without requirements would make everything vanish."""
    with pytest.raises(Misuse, match="names no requirement"):
        edits(suite, "# Weather\n")


def test_the_real_suite_has_no_stranger() -> None:
    """Each feature is asked for by the committed outline, in the section that it names."""
    found = trace.compare(SUITE, None)
    assert found.strangers == ()
    listed = {one.statement.id: one.covered for one in found.coverage}
    chapter = {"REQ-BILL-001", "REQ-BILL-002", "REQ-BILL-003", "CON-MIG-001", "CON-COMPAT-001", "CON-API-001"}
    assert {name for name in chapter if listed[name]} == chapter
