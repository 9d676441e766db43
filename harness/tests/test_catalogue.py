"""Features are read as requirements, and whatever could make a check vanish is refused with its file and line."""

from pathlib import Path

import pytest
from pytest_bdd.feature import get_features

from harness import catalogue
from harness.errors import CatalogueRefused
from harness.model import Check, Requirement

SUITE = Path(__file__).resolve().parents[2]
HEAD = """@REQ-TINY-001 @source-1.1 @lane-source
Feature: A platform has a length
  It is long.
  Reading: three.

  @REQ-TINY-001.1
  Rule: It is three long
"""
SCENARIO = """
    @core
    Scenario: measured
      When it is measured
      Then it is three long
"""
OUTLINE = """
    @core
    Scenario Outline: measured by <who>
      When it is measured by <who>
      Then it is three long

      Examples:
        | who |
        | us  |
      Examples:
        | who  |
        | them |
"""


def read(folder: Path, *texts: str) -> tuple[Requirement, ...]:
    """Read features of these texts."""
    for number, text in enumerate(texts):
        path = folder / "features" / f"{number}.feature"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return catalogue.read(folder / "features")


def checks(requirements: tuple[Requirement, ...]) -> list[Check]:
    """Give every check."""
    return [check for _, check in catalogue.checks(requirements)]


def test_a_feature_is_a_requirement(tmp_path: Path) -> None:
    """Its parts arrive: title, text, reading, section, criterion, check."""
    (one,) = read(tmp_path, HEAD + SCENARIO)
    assert (one.id, one.title, one.text, one.reading) == (
        "REQ-TINY-001",
        "A platform has a length",
        "It is long.",
        "three.",
    )
    assert (one.source.section, one.source.kind) == ("1.1", "document")
    (check,) = checks((one,))
    assert (check.id, check.profile, check.needs) == ("REQ-TINY-001.1/measured", "core", "source")
    assert check.steps == ("When it is measured", "Then it is three long")
    assert catalogue.scenario_key(check) == ("features/0.feature", 10)


def test_backgrounds_stand_before_the_steps(tmp_path: Path) -> None:
    """Those of the feature first, then those of the rule."""
    whole = HEAD.replace("  @REQ-TINY-001.1", "  Background:\n    Given a platform\n\n  @REQ-TINY-001.1")
    (check,) = checks(read(tmp_path, whole + "    Background:\n      Given a ruler\n" + SCENARIO))
    assert check.steps[:2] == ("Given a platform", "Given a ruler")


def test_each_row_is_a_check(tmp_path: Path) -> None:
    """Rows are numbered through every table, and their values filled in."""
    found = checks(read(tmp_path, HEAD + OUTLINE))
    assert [check.id.rpartition("/")[2] for check in found] == ["measured-by-who[1]", "measured-by-who[2]"]
    assert [check.steps[0] for check in found] == ["When it is measured by us", "When it is measured by them"]


def test_a_reason_why_nobody_can_test_it_is_read(tmp_path: Path) -> None:
    """It stands in the description of the Rule."""
    (one,) = read(tmp_path, HEAD + "    Untested: it takes a year\n")
    assert one.criteria[0].untested == "it takes a year"


def test_a_criterion_of_hardened_checks_is_hardened(tmp_path: Path) -> None:
    """By the tag of its Rule, or because all its checks are; one core check makes it core."""
    hardened = SCENARIO.replace("@core", "@hardened")
    tagged = HEAD.replace("@REQ-TINY-001.1", "@REQ-TINY-001.1 @hardened")
    assert read(tmp_path, HEAD + hardened)[0].criteria[0].hardened
    assert read(tmp_path, tagged)[0].criteria[0].hardened
    assert not read(tmp_path, HEAD + hardened + SCENARIO.replace("measured\n", "again\n", 1))[0].criteria[0].hardened


REFUSED = {
    "a requirement tag missing": (HEAD.replace("@REQ-TINY-001 ", "") + SCENARIO, ":2: “A platform"),
    "two requirement tags": (HEAD.replace("@source", "@REQ-TINY-002 @source") + SCENARIO, ":2: “A platform"),
    "a source tag missing": (HEAD.replace("@source-1.1 ", "") + SCENARIO, ":2: “A platform"),
    "an unknown tag of the feature": (HEAD.replace("@source", "@slow @source") + SCENARIO, ":2: “A platform.*@slow"),
    "a criterion tag missing": (HEAD.replace("  @REQ-TINY-001.1\n", "") + SCENARIO, ":6: “It is three long” needs"),
    "a criterion of another": (HEAD.replace("@REQ-TINY-001.1", "@REQ-TINY-002.1") + SCENARIO, ":7: “It is .* needs"),
    "an unknown tag of a rule": (HEAD.replace("001.1\n", "001.1 @skip\n") + SCENARIO, ":7: “It is three.*@skip"),
    "an unknown tag of a scenario": (HEAD + SCENARIO.replace("@core", "@core @skip"), ":10: “measured” carries.*@skip"),
    "no profile": (HEAD + SCENARIO.replace("@core", ""), ":10: “measured” needs exactly one of @core or @hardened"),
    "two profiles": (HEAD + SCENARIO.replace("@core", "@core @hardened"), ":10: “measured” needs exactly one of @core"),
    "no lane": (HEAD.replace(" @lane-source", "") + SCENARIO, ":10: “measured” needs exactly one of @lane-source"),
    "two lanes": (HEAD + SCENARIO.replace("@core", "@core @lane-quiet"), ":10: “measured” needs exactly one of @lane"),
    "a scenario outside a rule": (HEAD.partition("  @REQ-TINY-001.1")[0] + SCENARIO, ":8: “measured” stands outside"),
    "two scenarios of one name": (HEAD + SCENARIO * 2, ":15: the check .*“measured” stands already at .*:10"),
    "two scenarios of one name in two rules": (
        HEAD + SCENARIO + "  @REQ-TINY-001.2\n  Rule: Again\n" + SCENARIO,
        ":17: the scenario name “measured” stands already at .*:10",
    ),
    "two scenarios of one id": (HEAD + SCENARIO + SCENARIO.replace("measured\n", "Measured!\n", 1), ":15: .*:10"),
    "a scenario without a name": (HEAD + SCENARIO.replace("Scenario: measured", "Scenario:"), ":10: .* needs a name"),
    "two criteria of one id": (HEAD + SCENARIO + "  @REQ-TINY-001.1\n  Rule: Again\n", ":14: the criterion .*:7"),
    "tags on examples": (
        HEAD + OUTLINE.replace("Examples:", "@core\n      Examples:", 1),
        ":15: “Examples” carries",
    ),
    "examples without rows": (HEAD + OUTLINE.replace("        | us  |\n", ""), ":14: “Examples” has no rows"),
    "examples without a table": (HEAD + OUTLINE.partition("        | who |")[0], ":14: “Examples” has no rows"),
    "an outline without examples": (HEAD + OUTLINE.partition("      Examples")[0], ":10: .* has no Examples"),
    "nothing that could fail": (HEAD + SCENARIO.replace("      Then it is three long\n", ""), ":10: .* has no Then"),
    "a conjunction of nothing": (HEAD + SCENARIO.replace("When", "And"), ":10: .* begins with And or But"),
    "no Gherkin at all": ("Fracture: of syntax\n", r" is not a feature file \(.*\(1:1\)"),
    "Gherkin broken off": (HEAD + SCENARIO + "    Nonsense\n", r" is not a feature file \(.*\(13:5\)"),
    "nothing in the file": ("", " holds no feature"),
    "a comment alone": ("# later\n", " holds no feature"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_ambiguous_feature_is_refused(tmp_path: Path, case: str) -> None:
    """The message names the file, the line, and what is wrong there."""
    text, told = REFUSED[case]
    with pytest.raises(CatalogueRefused, match=f"^features/0.feature{told}"):
        read(tmp_path, text)


def test_two_features_of_one_requirement_are_refused(tmp_path: Path) -> None:
    """Both files are named."""
    with pytest.raises(CatalogueRefused, match=r"^features/1\.feature: .*REQ-TINY-001.* at features/0\.feature"):
        read(tmp_path, HEAD + SCENARIO, HEAD + SCENARIO)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """With the name of the file."""
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "0.feature").write_bytes(b"Feature: \xff\n")
    with pytest.raises(CatalogueRefused, match=r"^features/0\.feature is not a feature file"):
        catalogue.read(tmp_path / "features")


def test_a_suite_without_features_is_refused(tmp_path: Path) -> None:
    """It would judge nothing."""
    with pytest.raises(CatalogueRefused, match="no feature file"):
        catalogue.read(tmp_path)


def test_the_runner_reads_the_suite_as_the_catalogue_does() -> None:
    """Every scenario of the real suite has the same place, rows and steps for both."""
    planned = {(catalogue.scenario_key(check), check.steps) for check in checks(catalogue.read(SUITE / "features"))}
    run = {
        (
            (Path(str(template.feature.filename)).resolve().relative_to(SUITE).as_posix(), template.line_number),
            tuple(f"{step.keyword.strip()} {step.name}" for step in template.render(row).steps),
        )
        for feature in get_features([str(SUITE / "features")])
        for template in feature.scenarios.values()
        for row in [row for table in template.examples for row in table.as_contexts()] or [{}]
    }
    assert planned == run


def test_requirements_come_in_the_order_of_the_document(tmp_path: Path) -> None:
    """By section as numbers, not as words; what the document gave no id comes last."""
    places = (("NFR-TINY-001", "4.1"), ("CON-TINY-001", "2.1"), ("REQ-TINY-002", "3.10"), ("REQ-TINY-003", "3.9"))
    texts = [(HEAD + SCENARIO).replace("REQ-TINY-001", name).replace("-1.1 ", f"-{at} ") for name, at in places]
    assert [one.id for one in read(tmp_path, *texts)] == [
        *("REQ-TINY-003", "REQ-TINY-002", "NFR-TINY-001", "CON-TINY-001")
    ]
