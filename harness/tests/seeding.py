"""Seeds a fault: reads an entry that says what is wrong, and works it into a scratch copy of the reference.

An edit that does not match exactly once is refused: a fault that is not there would prove nothing.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.errors import Misuse
from harness.model import Status
from harness.report import json_format
from harness.report.document import CriterionEntry, Report

SUITE: Final = Path(__file__).parents[2]
FAULTS: Final = SUITE / "fixtures" / "faults"
REFERENCE: Final = SUITE / "reference_impl"
RUN_SECONDS: Final = 900
_LEFT_OUT: Final = ("__pycache__", ".pytest_cache")
_START: Final = "from harness.entry import main; main()"

Words = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Edit(_Strict):
    """One change of one file: words replaced, the file removed, or a new file added."""

    file: Words
    find: Words | None = None
    replace: str | None = None
    add: Words | None = None
    remove: Literal[True] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        given = (self.find is not None and self.replace is not None, self.add is not None, self.remove is not None)
        if sum(given) != 1 or (self.find is None) != (self.replace is None):
            raise ValueError("an edit says find and replace, or add, or remove")
        return self


class Entry(_Strict):
    """What is wrong with the platform, by which edits, and what the harness has to say about it.

    `expects` are the criteria that turn, `names` the words their reasons hold, `judge` what is run (`expects` unless
    said otherwise), `masks` the criteria, or whole requirements, that may stay undetermined because the fault hides
    them, or because a busy machine cannot tell.
    """

    wrong: Words
    kind: Literal["fault", "benign"]
    expects: tuple[Words, ...] = ()
    names: tuple[Words, ...] = ()
    judge: tuple[Words, ...] = ()
    masks: tuple[Words, ...] = ()
    whole_suite: bool = False
    edit: Annotated[tuple[Edit, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _expects_what_its_kind_does(self) -> Self:
        if (self.kind == "fault") != bool(self.expects):
            raise ValueError("a fault turns at least one criterion, and what is benign turns none")
        if not (self.whole_suite or self.judge or self.expects):
            raise ValueError("nothing is judged")
        return self

    @property
    def selection(self) -> tuple[str, ...]:
        """What to run: nothing named is everything."""
        return () if self.whole_suite else self.judge or self.expects

    def hides(self, criterion: str) -> bool:
        """Whether a criterion may stay undetermined."""
        return criterion in self.masks or criterion.partition(".")[0] in self.masks


def read(path: Path) -> Entry:
    """Read one entry; pydantic's ValidationError names what is wrong with it."""
    return Entry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def seed(entry: Entry, folder: Path) -> Path:
    """Copy the reference below a folder and work the edits in; gives the copy."""
    return worked_in(entry.edit, copied(REFERENCE, folder))


def copied(source: Path, folder: Path) -> Path:
    """Copy a platform without what Python compiled."""
    return Path(shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns(*_LEFT_OUT)))


def worked_in(edits: tuple[Edit, ...], copy: Path) -> Path:
    """Make the edits one after another; Misuse when one does not fit."""
    for edit in edits:
        _make(edit, copy / edit.file)
    return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where runs are tried: a folder for the copy and the reports of one, and one for what all of them compile."""

    folder: Path
    compiled: Path


def judged(
    source: Path,
    bench: Bench,
    *,
    only: tuple[str, ...] = (),
    target: str = "reference",
    services: str = "embedded",
) -> Report:
    """Let the real pipeline judge a source and read its report; the program's exit code is the report's."""
    out = bench.folder / "out"
    where = ("--services", services, "--out", str(out))
    words = ["run", "--target", target, "--source", str(source), "--seed", "1", *where]
    chosen = [word for one in only for word in ("--only", one)]
    command = [sys.executable, "-P", "-c", _START, *words, *chosen, "--suite", str(SUITE)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=RUN_SECONDS, env=_environment(bench), cwd=SUITE
    )
    path = out / "latest" / "report.json"
    assert path.is_file(), f"no report: exit {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    report = json_format.parse(path.read_text(encoding="utf-8"))
    assert done.returncode == report.decision.exit_code
    return report


def criteria(report: Report, status: Status) -> dict[str, CriterionEntry]:
    """The criteria that were judged to be so, by id."""
    found = (one for requirement in report.requirements for one in requirement.criteria)
    return {one.id: one for one in found if one.status == status}


def told(criteria: Iterable[CriterionEntry]) -> str:
    """What was said of criteria, one line each."""
    return "\n".join(f"{one.id} {one.status}: {' | '.join(one.because)}" for one in criteria)


def _make(edit: Edit, path: Path) -> None:
    if edit.add is not None:
        if path.exists():
            raise Misuse(f"{edit.file} is to be added, and is there already")
        path.write_text(edit.add, encoding="utf-8")
    elif not path.is_file():
        raise Misuse(f"{edit.file} is to be changed, and is not there")
    elif edit.remove:
        path.unlink()
    else:
        path.write_text(_replaced(edit, path.read_text(encoding="utf-8")), encoding="utf-8")


def _replaced(edit: Edit, text: str) -> str:
    find, replace = edit.find or "", edit.replace or ""
    times = text.count(find)
    if times != 1:
        raise Misuse(f"{edit.file} holds {find!r} {times} times where once is due", hint="mend the entry")
    return text.replace(find, replace)


def _environment(bench: Bench) -> dict[str, str]:
    # A prefix under which nothing may be written would have everything compiled anew by every process.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(SUITE), "PYTHONPYCACHEPREFIX": str(bench.compiled)}
