"""Every seeded fault turns its criterion for the right reason, and every benign variant turns none."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from pydantic import ValidationError

from harness import catalogue
from harness.errors import Misuse
from harness.tests import seeding
from harness.tests.seeding import Bench, Edit, Entry

ENTRIES: Final = tuple(sorted(seeding.FAULTS.glob("*.toml")))
EDIT: Final = {"file": "omoi_os/config/cost_models.yaml", "find": "gpt-4.1:", "replace": "gpt-5:"}
ENTRY: Final = {"wrong": "A model is gone.", "kind": "fault", "expects": ["REQ-BILL-003.1"], "edit": [EDIT]}


@pytest.fixture(scope="module")
def compiled() -> Iterator[Path]:
    """A folder for what Python compiles, so that each run need not do it again."""
    with tempfile.TemporaryDirectory(prefix="conform-compiled-") as folder:
        yield Path(folder)


@pytest.fixture
def bench(scratch: Path, compiled: Path) -> Bench:
    """Where one entry is tried."""
    return Bench(folder=scratch, compiled=compiled)


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="conform-fault-") as folder:
        yield Path(folder)


def due(share: str | None) -> tuple[Path, ...]:
    """The entries of one share, K/N as `conform run --shard` has it, or every entry where no share is named."""
    number, _, shares = (share or "1/1").partition("/")
    return ENTRIES[int(number) - 1 :: int(shares)]


@pytest.mark.parametrize("path", due(os.environ.get("CONFORM_FAULTS")), ids=lambda path: path.stem)
def test_an_entry_is_judged_as_it_says(path: Path, bench: Bench) -> None:
    """The expected criteria turn for the reason named, and nothing else does."""
    entry = seeding.read(path)
    report = seeding.judged(seeding.seed(entry, bench.folder), bench, only=entry.selection)
    turned, unseen = (seeding.criteria(report, status) for status in ("nonconformant", "undetermined"))
    reasons, rest = seeding.told(turned.values()), seeding.told(unseen.values())
    assert turned.keys() == set(entry.expects), reasons + rest
    assert all(map(entry.hides, unseen)), rest
    assert [words for words in entry.names if words not in reasons] == [], reasons
    assert report.decision.exit_code == (1 if entry.expects else 2 if unseen else 0), report.decision.reasons


def test_the_shares_of_the_faults_are_all_of_them() -> None:
    """Whoever tries each share once has tried every entry once."""
    assert sorted(entry for number in range(1, 9) for entry in due(f"{number}/8")) == sorted(due(None))
    assert len(due(None)) == len(ENTRIES)


def test_every_criterion_has_a_fault() -> None:
    """Nothing counts until it was seen to fail."""
    known = {criterion.id for criterion, _ in catalogue.checks(catalogue.read(seeding.SUITE / "features"))}
    entries = [seeding.read(path) for path in ENTRIES]
    assert known == {criterion for entry in entries for criterion in entry.expects}


def test_every_requirement_has_a_benign_variant() -> None:
    """A check that blames whatever differs is of no use."""
    known = {requirement.id for requirement in catalogue.read(seeding.SUITE / "features")}
    benign = [entry for entry in map(seeding.read, ENTRIES) if entry.kind == "benign"]
    assert known == {requirement for entry in benign for one in entry.judge if (requirement := one.partition(".")[0])}


@pytest.mark.parametrize("find", ["gpt-7:", "prompt_token_cost"])
def test_an_edit_that_does_not_match_once_is_refused(find: str, scratch: Path) -> None:
    """Neither words that are not there nor words that stand in many places are edited."""
    entry = Entry.model_validate({**ENTRY, "edit": [{**EDIT, "find": find}]})
    with pytest.raises(Misuse, match="where once is due"):
        seeding.seed(entry, scratch)


@pytest.mark.parametrize("file", ["omoi_os/config/prices.yaml", "omoi_os/config"])
def test_an_edit_of_no_file_is_refused(file: str, scratch: Path) -> None:
    """A file that moved makes the entry an error, not a fault that is never there."""
    with pytest.raises(Misuse, match="is not there"):
        seeding.worked_in((Edit(file=file, remove=True),), scratch)


def test_a_file_is_added_only_where_none_is(scratch: Path) -> None:
    """What is there is changed by an edit that says what it expects to find."""
    scratch.joinpath("there.py").write_text("", encoding="utf-8")
    with pytest.raises(Misuse, match="is there already"):
        seeding.worked_in((Edit(file="there.py", add="again"),), scratch)


@pytest.mark.parametrize(
    "wrong",
    [
        {"expect": ["REQ-BILL-003.1"]},
        {"expects": []},
        {"kind": "benign"},
        {"edit": []},
        {"edit": [{"file": "omoi_os/config/cost_models.yaml"}]},
        {"edit": [{**EDIT, "remove": True}]},
        {"edit": [{**EDIT, "line": 3}]},
    ],
    ids=lambda wrong: f"{wrong}"[:40],
)
def test_an_entry_that_says_something_else_is_refused(wrong: dict[str, object]) -> None:
    """Unknown words, a fault that turns nothing, and edits that say two things or none are errors."""
    assert Entry.model_validate(ENTRY).selection == ("REQ-BILL-003.1",)
    with pytest.raises(ValidationError):
        Entry.model_validate({**ENTRY, **wrong})
