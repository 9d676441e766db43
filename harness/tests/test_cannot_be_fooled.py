"""Ways to a green that was not earned, each tried on the real command: none leads there."""

from pathlib import Path

import pytest

from harness.tests.tiny_suite import BINDING, CONFTEST, HEAD, OUTLINE, RULER, SCENARIO, STEPS, TinySuite

GREEN, NONCONFORMANT, UNDETERMINED, REFUSED = 0, 1, 2, 3
FAILING = 'assert length == 4, "it is not four long"'


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A green suite, to be spoilt."""
    return TinySuite(tmp_path)


def test_a_green_can_be_earned(suite: TinySuite) -> None:
    """Unspoilt, the tiny suite is conformant, whole, and leaves nothing behind."""
    ended = suite.run()
    assert (ended.code, ended.err) == (GREEN, "")
    assert suite.report["run"]["complete"]
    assert suite.report["run"]["void"] == []
    assert suite.left_over == ()


def test_a_failing_assertion_is_the_platforms(suite: TinySuite) -> None:
    """An assertion in a running `then` makes the requirement nonconformant, with its words."""
    suite.then(FAILING)
    assert suite.run().code == NONCONFORMANT
    assert "it is not four long" in suite.told


def test_an_undefined_step_is_named(suite: TinySuite) -> None:
    """Nobody defined the step, so nothing is known."""
    suite.scenario(SCENARIO + "      And it is blue\n")
    assert suite.run().code == UNDETERMINED
    assert "it is blue” is not defined" in suite.told


def test_an_empty_scenario_says_nothing(suite: TinySuite) -> None:
    """A scenario without a step examines nothing."""
    suite.scenario(SCENARIO + "\n    Scenario: to be written\n")
    assert suite.run().code == UNDETERMINED
    assert "to-be-written: no instrument examined anything" in suite.told


COROUTINES = {
    "coroutine": "async def _(length):\n    assert length == 4",
    "async generator": "async def _(length):\n    assert length == 4\n    yield",
    "wrapped coroutine": "@quietly\nasync def _(length):\n    assert length == 4",
}
QUIETLY = "import functools\ndef quietly(step):\n    return functools.wraps(step)(lambda *a, **k: step(*a, **k))\n"


@pytest.mark.parametrize("kind", COROUTINES)
def test_a_coroutine_step_is_refused(suite: TinySuite, kind: str) -> None:
    """Nobody would await it, so its assertion would never run."""
    suite.scenario(SCENARIO + "      And later it is four long\n")
    suite.add_step(QUIETLY + '@then("later it is four long")\n' + COROUTINES[kind])
    assert suite.run().code == UNDETERMINED
    assert "is a coroutine, which nobody awaits" in suite.told


@pytest.mark.parametrize("word", ["skip", "xfail", "fail"])
def test_a_step_cannot_excuse_itself(suite: TinySuite, word: str) -> None:
    """Leaving a step by one of pytest's exits is no pass."""
    suite.then(f"import pytest; pytest.{word}('not today')")
    assert suite.run().code == UNDETERMINED
    assert "not today" in suite.told


@pytest.mark.parametrize("tag", ["@skip", "@xfail", "@wip"])
def test_a_tag_that_nobody_knows_is_refused(suite: TinySuite, tag: str) -> None:
    """A tag must not skip or excuse a check."""
    suite.scenario(f"\n    {tag}" + SCENARIO)
    ended = suite.run()
    assert ended.code == REFUSED
    assert f"carries tags nobody knows: {tag}" in ended.err


@pytest.mark.parametrize("mark", ["skip", "xfail", "xfail(run=False)", "skipif(True, reason='x')"])
def test_a_mark_on_the_binding_excuses_nothing(suite: TinySuite, mark: str) -> None:
    """A failing check stays failed or unknown under every mark of pytest's."""
    suite.then(FAILING)
    suite.write("steps/test_features.py", f"import pytest\n{BINDING}\npytestmark = pytest.mark.{mark}\n")
    assert suite.run().code in (NONCONFORMANT, UNDETERMINED)


def test_two_scenarios_of_one_name_are_refused(suite: TinySuite) -> None:
    """The runner would drop the first of them."""
    suite.scenario(SCENARIO + SCENARIO)
    ended = suite.run()
    assert ended.code == REFUSED
    assert "“measured” stands already at features/tiny.feature:9" in ended.err


def test_tags_on_examples_are_refused(suite: TinySuite) -> None:
    """No runner would obey them."""
    suite.scenario(OUTLINE.replace("      Examples:", "      @hardened\n      Examples:"))
    ended = suite.run()
    assert ended.code == REFUSED
    assert "carries tags, which no runner would obey" in ended.err


def test_examples_without_rows_are_refused(suite: TinySuite) -> None:
    """Their checks would vanish."""
    suite.scenario(OUTLINE.partition("        | us")[0])
    ended = suite.run()
    assert ended.code == REFUSED
    assert "has no rows" in ended.err


def test_an_outline_without_examples_is_refused(suite: TinySuite) -> None:
    """It would run once, with its placeholders for values."""
    suite.scenario(OUTLINE.partition("      Examples:")[0])
    ended = suite.run()
    assert ended.code == REFUSED
    assert "has no Examples" in ended.err


def test_every_row_is_executed(suite: TinySuite) -> None:
    """Rows of several tables are numbered through, and each has evidence of its own."""
    suite.scenario(OUTLINE + "\n      Examples:\n        | who |\n        | he  |\n")
    assert suite.run().code == GREEN
    assert suite.report["census"]["executed"] == suite.report["census"]["checks"] == 4


def test_a_feature_that_nothing_binds_is_undetermined(suite: TinySuite) -> None:
    """What the binding leaves out is said to be unbound."""
    suite.write("features/other.feature", (HEAD + SCENARIO).replace("TINY-001", "TINY-002"))
    suite.write("steps/test_features.py", BINDING.replace("../features", "../features/tiny.feature"))
    assert suite.run().code == UNDETERMINED
    assert "REQ-TINY-002.1/measured: no scenario is bound to it" in suite.told
    assert "REQ-TINY-001.1" not in suite.told


def test_a_criterion_without_checks_is_undetermined(suite: TinySuite) -> None:
    """A sentence that nobody checks is not true by that."""
    suite.scenario(SCENARIO + "\n  @REQ-TINY-001.2\n  Rule: It is heavy\n")
    assert suite.run().code == UNDETERMINED
    assert "it has no check" in suite.told


def test_a_requirement_without_criteria_is_undetermined(suite: TinySuite) -> None:
    """A feature without a Rule passes nothing."""
    suite.write("features/other.feature", HEAD.partition("  @REQ-TINY-001.1")[0].replace("TINY-001", "TINY-002"))
    assert suite.run().code == UNDETERMINED
    assert "REQ-TINY-002: no criterion of it applies" in suite.told


def test_nothing_examined_is_no_pass(suite: TinySuite) -> None:
    """A reading over zero things says nothing."""
    suite.write("fixtures/ruler.py", RULER.replace("examined=1", "examined=0"))
    assert suite.run().code == UNDETERMINED
    assert "no instrument examined anything" in suite.told


@pytest.mark.parametrize(
    ("words", "instead"),
    [("    pass", "    assert False, 'ours'"), ("    return ruler", "    assert not 'ours'; return ruler")],
)
def test_an_assertion_outside_then_blames_nobody(suite: TinySuite, words: str, instead: str) -> None:
    """A `given` or a `when` that asserts is the harness's fault."""
    suite.write("steps/lengths.py", STEPS.replace(words, instead))
    assert suite.run().code == UNDETERMINED
    assert "the harness could not go on in" in suite.told


@pytest.mark.parametrize("place", ["setup", "teardown"])
def test_an_assertion_in_a_fixture_blames_nobody(suite: TinySuite, place: str) -> None:
    """Also where the fixture is first asked for by a `then`."""
    body = "    assert not 'ours'\n    yield" if place == "setup" else "    yield\n    assert not 'ours'"
    suite.write("fixtures/ruler.py", f"{RULER}\n\n@pytest.fixture\ndef late():\n{body}\n")
    suite.scenario(SCENARIO + "      And late it is\n")
    suite.add_step('@then("late it is")\ndef _(late):\n    pass\n')
    assert suite.run().code == UNDETERMINED
    assert f"the harness could not go on in {place}: AssertionError" in suite.told


def test_an_assertion_outside_the_step_blames_nobody(suite: TinySuite) -> None:
    """What a `then` calls may trip over itself; only the step's own words judge the platform."""
    suite.write("fixtures/ruler.py", f"{RULER}\n\ndef broken():\n    assert not 'ours'\n")
    suite.scenario(SCENARIO + "      And it is not ours\n")
    suite.add_step('@then("it is not ours")\ndef _():\n    from fixtures import ruler\n    ruler.broken()\n')
    assert suite.run().code == UNDETERMINED
    assert "the harness could not go on in setup: AssertionError" in suite.told


SAME = '\n\n@then("it is three long")\ndef _():\n    pass\n'


def test_a_step_defined_twice_is_refused(suite: TinySuite) -> None:
    """Which of the two would run is chance."""
    suite.then(FAILING)
    suite.write("steps/lengths.py", (suite.folder / "steps/lengths.py").read_text() + SAME)
    assert suite.run().code == UNDETERMINED
    assert "is defined 2 times" in suite.told


def test_a_step_defined_in_two_modules_is_refused(suite: TinySuite) -> None:
    """Also when each module defines it once."""
    suite.then(FAILING)
    suite.write("steps/widths.py", "from pytest_bdd import then\n" + SAME)
    suite.write("steps/conftest.py", CONFTEST.replace('"steps.lengths"', '"steps.lengths", "steps.widths"'))
    assert suite.run().code == UNDETERMINED
    assert "is defined 2 times" in suite.told
