"""A run is shared out by chapters, deterministically and evenly, and nothing is measured in two of them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from harness import catalogue, plan, shards
from harness.errors import Misuse
from harness.model import Requirement, Shard
from harness.tests.record import check, criterion, requirement

SUITE: Final = Path(__file__).parents[2]
# Each shard needs servers and a platform of its own anyway; the others take less than a second to have again.
OF_EACH_SHARD: Final = frozenset(
    {
        *("workspace", "quarters", "driver", "checkout", "site", "ground", "provider"),
        *("database_server", "bus_server", "given"),
        *("template", "migrated_template", "migrated", "instance", "second_instance", "prices", "control"),
        *("bus_listener", "missed", "code_worker", "scan"),
    }
)
NOSEY: Final = """
import inspect, json, os
import pytest
from harness import catalogue
from pathlib import Path
from pytest_bdd.scenario import find_fixturedefs_for_step, scenario_wrapper_template_registry

CHAPTERS = {one.id: one.chapter for one in catalogue.read(Path("features"))}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(session, items):
    known = session._fixturemanager
    chapters = {}
    for item in items:
        template = scenario_wrapper_template_registry[item.obj]
        chapter = next(CHAPTERS[tag] for tag in template.feature.tags if tag in CHAPTERS)
        row = item.callspec.params["_pytest_bdd_example"] if hasattr(item, "callspec") else {}
        for step in template.render(row).steps:
            asked = set()
            wanted = [
                name
                for found in find_fixturedefs_for_step(step, known, item)
                for name in inspect.signature(found.func().step_func).parameters
            ]
            while wanted:
                defined = known.getfixturedefs(name := wanted.pop(), item)
                if name in asked or not defined:
                    continue
                asked.add(name)
                wanted += defined[-1].argnames
                if defined[-1].scope == "session":
                    chapters.setdefault(name, set()).add(chapter)
    Path(os.environ["NOSEY"]).write_text(json.dumps({name: sorted(them) for name, them in chapters.items()}))
    items.clear()
"""


def chapters(**sizes: int) -> tuple[Requirement, ...]:
    """Requirements of so many checks, each a chapter by itself, which is named by a letter."""
    return tuple(_requirement(f"REQ-{name.upper()}-001", name, size) for name, size in sizes.items())


def _requirement(name: str, chapter: str, size: int) -> Requirement:
    found = tuple(check(f"{name}.1/{number}") for number in range(size))
    made = requirement(name=name)
    only = criterion(1, *found)
    return Requirement(
        id=name,
        title="",
        text="",
        source=made.source,
        reading="",
        criteria=(type(only)(id=f"{name}.1", text="it holds", checks=found),),
        chapter=chapter,
    )


def dealt(requirements: tuple[Requirement, ...], *, of: int, chosen: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The selections of all shards."""
    made = (Shard(number=number, of=of) for number in range(1, of + 1))
    return [plan.make(requirements, profile="core", chosen=chosen, shard=shard).chosen for shard in made]


def test_the_heaviest_chapter_comes_first_and_each_to_whoever_has_least() -> None:
    """So five chapters make three shards that are as even as they can be."""
    parts = dealt(chapters(a=2, b=9, c=5, d=4, e=1), of=3)
    assert parts == [("REQ-B-001",), ("REQ-C-001", "REQ-E-001"), ("REQ-A-001", "REQ-D-001")]


@pytest.mark.parametrize("of", [1, 2, 3, 4, 9])
def test_every_check_of_the_suite_is_in_one_shard(of: int) -> None:
    """None is missing, none doubled, however many shards there are; a chapter is never divided."""
    requirements = catalogue.read(SUITE / "features")
    whole = plan.make(requirements, profile="core", chosen=())
    parts = [
        plan.make(requirements, profile="core", chosen=(), shard=Shard(number=number, of=of))
        for number in range(1, of + 1)
    ]
    assert sorted(each.id for part in parts for each in part.required) == sorted(each.id for each in whole.required)
    homes = {one.id: one.chapter for one in requirements}
    held = [home for part in parts for home in {homes[name] for name in part.chosen}]
    assert len(held) == len(set(held))


def test_four_shards_of_the_suite_are_even() -> None:
    """By our weights, the heaviest has less than a quarter more than its share."""
    requirements = catalogue.read(SUITE / "features")
    loads = [
        sum(
            shards.WEIGHTS[each.needs]
            for each in plan.make(requirements, profile="core", chosen=(), shard=Shard(number=number, of=4)).required
        )
        for number in range(1, 5)
    ]
    assert max(loads) < 1.25 * sum(loads) / 4


def test_a_selection_is_shared_out_by_the_same_rule() -> None:
    """Only what was selected is dealt, in the words of the selection."""
    chosen = ("REQ-C-001.1/0", "REQ-A-001", "REQ-A-001.1")
    assert dealt(chapters(a=2, b=9, c=5), of=2, chosen=chosen) == [("REQ-A-001", "REQ-A-001.1"), ("REQ-C-001.1/0",)]


def test_more_shards_than_chapters_are_misuse() -> None:
    """A shard without anything to do would be green for nothing, or judge everything."""
    with pytest.raises(Misuse, match="2 chapters cannot be shared out among 3 shards"):
        dealt(chapters(a=2, b=9), of=3)
    with pytest.raises(Misuse, match="1 chapters"):
        dealt(chapters(a=2, b=9), of=2, chosen=("REQ-B-001.1",))


@pytest.mark.parametrize("words", ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "", "-1/2", "1/99999"])
def test_what_is_no_shard_is_misuse(words: str) -> None:
    """It is said, and nothing is judged."""
    with pytest.raises(Misuse, match="is no shard"):
        shards.read(words)


def test_no_measurement_is_shared_by_two_chapters(tmp_path: Path) -> None:
    """What lasts for a lane is of one chapter, or is so little that each shard may have its own."""
    (tmp_path / "nosey.py").write_text(NOSEY)
    told = tmp_path / "told.json"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORM", "COV"))},
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{SUITE}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "NOSEY": str(told),
    }
    options = ("-p", "pytest_bdd.plugin", "-p", "nosey", "-p", "no:cacheprovider", "-c", os.devnull)
    ended = subprocess.run(
        (sys.executable, "-P", "-m", "pytest", *options, "--import-mode=append", "--rootdir", ".", "steps"),
        cwd=SUITE,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.exists(), ended.stdout
    shared = {name: homes for name, homes in json.loads(told.read_text()).items() if len(homes) > 1}
    assert "instance" in shared
    assert not {name: homes for name, homes in shared.items() if name not in OF_EACH_SHARD}
