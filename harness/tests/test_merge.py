"""The shards of a run, merged, are the whole run; whatever is not of that run is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import pytest

from harness import merge
from harness.merge import Part, ShardsRefused
from harness.model import Gap, Passed, Record, Shard, Target
from harness.tests.record import DIGEST, STARTED, footer, header, record
from harness.tests.test_shards import chapters
from harness.tests.tiny_suite import HEAD, OUTLINE, SCENARIO, Ended, TinySuite

CHAPTERS: Final = ("one", "two", "three", "four")
SEED: Final = ("--seed", "7")
# What differs between two runs of the same: when, how long, and by which name.
PASSING: Final = frozenset({"started", "seconds", "id"})
LATE: Final = """
@then("it is four long")
def _(length):
    assert length == 4, f"it is {length} long"
"""


@pytest.fixture
def suite(tmp_path: Path) -> TinySuite:
    """A suite of four chapters, one of which fails."""
    made = TinySuite(tmp_path)
    (made.folder / "features" / "tiny.feature").unlink()
    for number, name in enumerate(CHAPTERS, start=1):
        scenario = {"one": OUTLINE, "two": SCENARIO.replace("three", "four")}.get(name, SCENARIO)
        feature = (HEAD + scenario).replace("REQ-TINY-001", f"REQ-TINY-00{number}")
        made.write(f"features/{name}/tiny.feature", feature.replace(": measured", f": measured {name}"))
    made.add_step(LATE)
    return made


def shard(suite: TinySuite, number: int, of: int = 3, *words: str) -> str:
    """Judge one shard; gives its evidence."""
    before = set(suite.out.glob("*-*"))
    suite.run("--shard", f"{number}/{of}", *(words or SEED))
    (made,) = set(suite.out.glob("*-*")) - before
    return str(made / "evidence.jsonl")


def merged(suite: TinySuite, *evidence: str) -> Ended:
    """Merge these."""
    return suite.conform("merge", *evidence, "--out", str(suite.out))


def lasting(told: Any) -> Any:
    """A report without what passes."""
    match told:
        case dict():
            fields = cast("dict[str, Any]", told)
            return {name: lasting(one) for name, one in fields.items() if name not in PASSING}
        case list():
            return [lasting(one) for one in cast("list[Any]", told)]
        case _:
            return told


def test_merged_shards_equal_the_whole_run(suite: TinySuite) -> None:
    """But for times: every verdict, reason, reading, count and the decision, whatever the order of the shards."""
    assert suite.run(*SEED).code == 1
    whole = lasting(suite.report)
    parts = [shard(suite, number) for number in (1, 2, 3)]
    assert merged(suite, parts[2], parts[0], parts[1]).code == 1
    assert lasting(suite.report) == whole
    assert suite.report["run"]["complete"]
    assert suite.report["census"]["executed"] == 6


def test_merged_evidence_is_taken_like_any_other(suite: TinySuite) -> None:
    """By `report`, `gate` and `diff`."""
    suite.add_step(LATE.replace("== 4", "== 3"))
    assert merged(suite, *(shard(suite, number) for number in (1, 2, 3))).code == 0
    evidence = str(suite.out / "latest" / "evidence.jsonl")
    report = str(suite.out / "latest" / "report.json")
    logs = {path.name for path in (suite.out / "latest").glob("*.log")}
    assert logs == {f"shard-{number}-lane-source.log" for number in (1, 2, 3)}
    assert suite.conform("report", evidence).code == 0
    assert suite.conform("gate", evidence).code == 0
    assert "Nothing turned." in suite.conform("diff", report, report).out


def test_one_shard_alone_is_not_complete(suite: TinySuite) -> None:
    """It is judged and says what it is, and the gate refuses it."""
    evidence = shard(suite, 1)
    assert suite.report["run"]["complete"] is False
    assert suite.report["run"]["shard"] == {"number": 1, "of": 3}
    ended = suite.conform("gate", evidence)
    assert ended.code == 2
    assert "only shard 1/3" in ended.out


def test_a_shard_of_another_run_is_refused(suite: TinySuite) -> None:
    """Another seed, another build: named, with exit code 3, and nothing is written."""
    first, second, third = (shard(suite, number) for number in (1, 2, 3))
    foreign = shard(suite, 3, 3, "--seed", "8")
    suite.write("platform/omoi_os/more.py", "")
    rebuilt = shard(suite, 3)
    whole = len(list(suite.out.iterdir()))
    for other, said in ((foreign, "seed: 7 and 8"), (rebuilt, "digest of the target")):
        ended = merged(suite, first, second, other)
        assert ended.code == 3
        assert said in ended.err
    for few, said in (((first, third), "without the shards 2/3"), ((first, second, second), "was given twice")):
        ended = merged(suite, *few)
        assert ended.code == 3
        assert said in ended.err
    assert len(list(suite.out.iterdir())) == whole


def test_a_shard_of_a_changed_suite_is_refused(suite: TinySuite) -> None:
    """A step that was changed between two shards makes them two suites."""
    first = shard(suite, 1, 2)
    suite.add_step(LATE + "\n# changed\n")
    ended = merged(suite, first, shard(suite, 2, 2))
    assert ended.code == 3
    assert "versions: " in ended.err


def test_what_cannot_be_shared_out_is_misuse(suite: TinySuite) -> None:
    """Words that are no shard, and more shards than chapters: nothing is judged."""
    for words, said in (("2", "is no shard"), ("1/5", "4 chapters cannot be shared out among 5 shards")):
        ended = suite.run("--shard", words)
        assert ended.code == 3
        assert said in ended.err
    assert not suite.out.exists()


REQUIREMENTS: Final = chapters(a=2, b=1)


def part(number: int, *, of: int = 2, seen: bool = True) -> Record:
    """The record of one of two shards, in which everything passed."""
    mine = REQUIREMENTS[number - 1]
    first = header(*REQUIREMENTS, selection=(mine.id,))
    checks = tuple(one.id for each in mine.criteria for one in each.checks)
    run = replace(first.run, shard=Shard(number=number, of=of))
    return record(replace(first, run=run, required=checks), dict.fromkeys(checks if seen else (), Passed()))


def joined(*records: Record) -> merge.Joined:
    """Join records, each named by its place."""
    return merge.join([Part(name=str(place), record=one) for place, one in enumerate(records)], run_id="whole")


def test_merged_evidence_is_as_old_as_its_oldest_shard() -> None:
    """The gate must not take an old shard for a new one; the work of all is added up."""
    late = replace(part(2), footer=footer(finished=STARTED.replace(year=2027)))
    made = joined(late, part(1))
    assert made.finished == footer().finished
    assert made.seconds == 120.0
    assert made.header.run.selection == ()


def test_what_was_seen_stands_in_the_order_of_the_suite() -> None:
    """Whatever the order of the shards."""
    made = joined(part(2), part(1))
    assert made.header.required == ("REQ-A-001.1/0", "REQ-A-001.1/1", "REQ-B-001.1/0")
    assert tuple(line.check for line in made.lines if line.kind == "check") == made.header.required


def test_what_went_wrong_in_a_shard_goes_wrong_in_the_whole() -> None:
    """A shard that was cut short, one whose lane broke down, one whose source changed."""
    broken = replace(part(1), footer=footer(troubles=("the quiet lane ended",), target_digest="e" * 64))
    made = joined(broken, replace(part(2), footer=None))
    assert made.troubles == ("shard 1/2: the quiet lane ended", "shard 2/2 was cut short: its evidence has no footer")
    assert made.target_digest == "e" * 64
    assert joined(part(1), part(2)).target_digest == DIGEST


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (part(2, of=3), "shards: 2 and 3"),
        (replace(part(2), header=replace(part(2).header, requirements=chapters(a=2, b=2))), "requirements: "),
    ],
)
def test_shards_of_two_cuts_are_refused(other: Record, said: str) -> None:
    """Another number of shards, or other features."""
    with pytest.raises(ShardsRefused, match=said):
        joined(part(1), other)


@pytest.mark.parametrize("what", ["target", "profile", "asked", "gaps", "services"])
def test_shards_of_two_orders_are_refused(what: str) -> None:
    """Whatever was judged, by which rules, on what: it is the same for all."""
    run = part(2).header.run
    target = Target(name="b", version="1", digest=DIGEST, source="a", python="python")
    changed = {
        "target": replace(run, target=target),
        "profile": replace(run, profile="hardened"),
        "asked": replace(run, asked=("REQ-B-001",)),
        "gaps": replace(run, target=replace(run.target, gaps=(Gap(criterion="REQ-A-001.1", because="known"),))),
        "services": replace(run, environment=replace(run.environment, services="given")),
    }[what]
    with pytest.raises(ShardsRefused, match="are not of one run"):
        joined(part(1), replace(part(2), header=replace(part(2).header, run=changed)))


def test_a_shard_that_was_cut_by_other_rules_is_refused() -> None:
    """Its checks would be missing, or counted twice."""
    less = replace(part(1), header=replace(part(1).header, required=("REQ-A-001.1/0",)))
    with pytest.raises(ShardsRefused, match="does not hold what shard 1/2 must"):
        joined(less, part(2))


def test_evidence_of_a_whole_run_is_refused() -> None:
    """It needs no merging."""
    whole = record(header(*REQUIREMENTS), {})
    with pytest.raises(ShardsRefused, match="was not shared out"):
        joined(whole)


def test_a_file_that_is_no_evidence_is_refused(suite: TinySuite) -> None:
    """As everywhere else."""
    ended = merged(suite, str(suite.write("nothing.jsonl", "")))
    assert ended.code == 3
    assert "does not begin with a header" in ended.err


def test_a_check_without_evidence_stays_without() -> None:
    """Merging adds nothing: what was not executed in its shard is not executed in the whole."""
    made = joined(part(1, seen=False), part(2))
    assert [line.check for line in made.lines if line.kind == "check"] == ["REQ-B-001.1/0"]
