"""Ways to a green that was not earned, by lanes, surroundings, changed files or edited evidence: none leads there."""

import signal
from pathlib import Path

import pytest

from harness.tests.tiny_suite import CONFTEST, OUTLINE, SCENARIO, TARGET, TinySuite

GREEN, NONCONFORMANT, UNDETERMINED, REFUSED = 0, 1, 2, 3
FAILING = 'assert length == 4, "it is not four long"'


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A green suite, to be spoilt."""
    return TinySuite(tmp_path)


@pytest.mark.parametrize(
    "end", ["os._exit(0)", "pytest.exit('', 0)", "os.kill(os.getpid(), 9)", "sys.exit(0)", "os.abort()"]
)
def test_a_lane_that_ends_early_is_seen(suite: TinySuite, end: str) -> None:
    """A step that ends its own process, politely or not, leaves its check unknown."""
    suite.then(f"import os, pytest, sys; {end}")
    assert suite.run().code == UNDETERMINED
    assert "was not executed" in suite.told or "SystemExit" in suite.told


def test_a_module_that_ends_the_lane_while_it_loads_is_seen(suite: TinySuite) -> None:
    """A polite ending before the first check leaves every check undone."""
    suite.write("steps/lengths.py", "import os\nos._exit(0)\n")
    assert suite.run().code == UNDETERMINED
    assert "the source lane ended with code 0, 1 checks undone" in suite.told


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONOPTIMIZE": "1"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTEST_ADDOPTS": "-k nothing"},
        {"PYTEST_ADDOPTS": "--collect-only"},
        {"PYTEST_PLUGINS": "nowhere"},
        {"PYTHONWARNINGS": "error"},
    ],
    ids=str,
)
def test_the_environment_changes_no_verdict(suite: TinySuite, env: dict[str, str]) -> None:
    """What fails without these variables fails with them."""
    suite.then(FAILING)
    assert suite.run(env=env).code == NONCONFORMANT


@pytest.mark.parametrize("order", ["tryfirst", "trylast"])
def test_deselected_items_are_missed(suite: TinySuite, order: str) -> None:
    """A conftest that throws tests away leaves their checks unknown."""
    hook = f"@pytest.hookimpl({order}=True)\ndef pytest_collection_modifyitems(items):\n    items.clear()\n"
    suite.write("steps/conftest.py", f"import pytest\n{CONFTEST}\n{hook}")
    assert suite.run().code == UNDETERMINED
    assert "no scenario is bound to it" in suite.told or "was not executed" in suite.told


def test_a_hook_that_runs_nothing_earns_nothing(suite: TinySuite) -> None:
    """A conftest that pretends to have called the test leaves it without a reading."""
    suite.write("steps/conftest.py", f"{CONFTEST}\ndef pytest_pyfunc_call():\n    return True\n")
    assert suite.run().code == UNDETERMINED
    assert "no instrument examined anything" in suite.told


def test_a_step_module_that_fails_to_import_is_named(suite: TinySuite) -> None:
    """Without its steps a lane executes nothing, and says why."""
    suite.write("steps/lengths.py", "import nowhere_at_all\n")
    assert suite.run().code == UNDETERMINED
    assert "nowhere_at_all" in suite.told


@pytest.mark.parametrize(
    ("was", "now"), [("        | you  |\n", ""), ("        | us   |\n", ""), ("it is three", "it is nice")]
)
def test_a_feature_changed_during_the_run_is_noticed(suite: TinySuite, was: str, now: str) -> None:
    """Between plan and lane, a row goes or a sentence changes: the evidence would speak of another check."""
    suite.scenario(OUTLINE.replace("by <who>", "by somebody").replace("Given a platform", "Given a platform of <who>"))
    place = "lambda path: path.write_text(path.read_text().replace({was!r}, {now!r}))"
    change = place.format(was=was, now=now)
    suite.write(
        "steps/conftest.py", f"{CONFTEST}\nfrom pathlib import Path\n({change})(Path('features/tiny.feature'))\n"
    )
    suite.add_step(
        "from pytest_bdd import parsers\n"
        '@given(parsers.parse("a platform of {who}"))\ndef _(who):\n    pass\n'
        '@then("it is nice long")\ndef _():\n    pass\n'
    )
    assert suite.run().code == UNDETERMINED
    assert "was changed after the run had begun" in suite.told or "no scenario is bound to it" in suite.told


def test_a_source_that_changes_during_the_run_voids_it(suite: TinySuite) -> None:
    """Which build was judged could not be said."""
    suite.then("from pathlib import Path; Path('platform/omoi_os/new.py').write_text('')")
    assert suite.run().code == UNDETERMINED
    assert "void: the platform changed while it was being judged" in suite.told


def test_a_gap_that_is_closed_is_not_green(suite: TinySuite) -> None:
    """Declared gaps are strict: one that holds no longer must go."""
    gap = "from harness.model import Gap\n" + TARGET.replace(
        "gaps = ()", 'gaps = (Gap(criterion="REQ-TINY-001.1", because="later"),)'
    )
    suite.write("target.py", gap)
    assert suite.run().code == UNDETERMINED
    assert "the gap declared for REQ-TINY-001.1 is closed" in suite.told


def test_a_declared_gap_excuses_nothing(suite: TinySuite) -> None:
    """What fails fails, declared or not."""
    gap = "from harness.model import Gap\n" + TARGET.replace(
        "gaps = ()", 'gaps = (Gap(criterion="REQ-TINY-001.1", because="later"),)'
    )
    suite.write("target.py", gap)
    suite.then(FAILING)
    assert suite.run().code == NONCONFORMANT


def test_a_partial_run_says_so_and_does_not_open_the_gate(suite: TinySuite) -> None:
    """A selection may be green for its requirements, never for a rollout."""
    assert suite.run("--only", "REQ-TINY-001.1").code == GREEN
    assert not suite.report["run"]["complete"]
    ended = suite.conform("gate", str(suite.evidence))
    assert ended.code == UNDETERMINED
    assert "only a selection" in ended.out


def test_edited_evidence_is_refused(suite: TinySuite) -> None:
    """A failed line turned into a passed one no longer fits the seal, for report and gate alike."""
    suite.then(FAILING)
    suite.run()
    content = suite.evidence.read_text()
    suite.evidence.write_text(content.replace('"kind":"failed"', '"kind":"passed"'))
    for command in ("report", "gate"):
        ended = suite.conform(command, str(suite.evidence))
        assert ended.code == REFUSED
        assert "was changed after it was sealed" in ended.err


def test_the_seal_is_needed(suite: TinySuite) -> None:
    """Evidence whose footer was cut off is a run that was cut short."""
    suite.run()
    suite.evidence.write_text("".join(suite.evidence.read_text().splitlines(keepends=True)[:-1]))
    for command in ("report", "gate"):
        ended = suite.conform(command, str(suite.evidence))
        assert ended.code == UNDETERMINED
        assert "its evidence has no footer" in ended.out


def test_a_lane_killed_half_way_is_no_pass(suite: TinySuite) -> None:
    """The checks before the kill keep their evidence, the others are unknown and the run is void."""
    suite.scenario(
        SCENARIO + SCENARIO.replace("measured\n", "second\n", 1).replace("it is three", "deadly it is three")
    )
    suite.add_step(
        f'@then("deadly it is three long")\ndef _():\n    import os\n    os.kill(os.getpid(), {signal.SIGKILL:d})\n'
    )
    assert suite.run().code == UNDETERMINED
    assert "void: the source lane ended with code -9, 1 checks undone" in suite.told
    assert "second: was not executed" in suite.told
    assert "measured" not in suite.told
