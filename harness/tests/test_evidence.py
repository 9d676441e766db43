"""An evidence file is what the harness wrote, whole or cut short; anything else is refused."""

from pathlib import Path

import pytest

from harness import evidence as files
from harness.errors import EvidenceRefused
from harness.evidence import EvidenceWriter
from harness.model import Passed
from harness.tests.record import DIGEST, FINISHED, check, criterion, evidence, header, requirement

A = check("REQ-A-001.1/a")


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A sealed file: header, three checks, footer."""
    path = tmp_path / "evidence.jsonl"
    with EvidenceWriter(path) as writer:
        writer.append(header(requirement(criterion(1, A))))
        for line in evidence([(A.id, Passed())] * 3):
            writer.append(line)
        writer.seal(finished=FINISHED, seconds=1.0, target_digest=DIGEST, troubles=())
    return path


def lines(path: Path) -> list[bytes]:
    """Give the lines of a file, each with its end."""
    return path.read_bytes().splitlines(keepends=True)


def test_what_was_written_is_read(sealed: Path) -> None:
    """Header, checks in their order, footer."""
    found = files.read(sealed)
    assert len(found.evidence) == 3
    assert found.footer is not None
    assert found.footer.lines == 4


def test_a_file_is_never_written_over(sealed: Path) -> None:
    """Evidence is appended to or begun, not replaced."""
    with pytest.raises(FileExistsError):
        EvidenceWriter(sealed)


@pytest.mark.parametrize("kept", [1, 2, 3, 4])
def test_lines_missing_at_the_end_are_a_missing_footer(sealed: Path, kept: int) -> None:
    """Cut at a line's end, the file is a run that was cut short."""
    sealed.write_bytes(b"".join(lines(sealed)[:kept]))
    found = files.read(sealed)
    assert found.footer is None
    assert len(found.evidence) == kept - 1


@pytest.mark.parametrize("torn", [1, 2, 4])
def test_a_torn_last_line_is_a_missing_footer(sealed: Path, torn: int) -> None:
    """Cut inside a line, also inside the footer, what stands before it holds."""
    every = lines(sealed)
    sealed.write_bytes(b"".join(every[:torn]) + every[torn][:-5])
    found = files.read(sealed)
    assert found.footer is None
    assert len(found.evidence) == torn - 1


def test_a_footer_without_its_line_end_is_torn(sealed: Path) -> None:
    """The last byte was not written, so the file was not finished."""
    sealed.write_bytes(sealed.read_bytes()[:-1])
    assert files.read(sealed).footer is None


def test_a_broken_line_is_refused(sealed: Path) -> None:
    """Inside the file no line can be torn, and the message numbers it."""
    every = lines(sealed)
    sealed.write_bytes(b"".join((*every[:2], every[2][:9] + b"\n", *every[3:])))
    with pytest.raises(EvidenceRefused, match="line 3 of the evidence is broken"):
        files.read(sealed)


def test_a_broken_last_line_with_its_end_is_refused(sealed: Path) -> None:
    """A line that has its end was written whole: this one was not written by the harness."""
    sealed.write_bytes(b"".join((*lines(sealed)[:-1], b'{"kind": "footer"}\n')))
    with pytest.raises(EvidenceRefused, match="line 5 of the evidence is broken"):
        files.read(sealed)


def test_an_edited_line_is_refused(sealed: Path) -> None:
    """One word changed breaks the seal."""
    sealed.write_bytes(sealed.read_bytes().replace(b'"passed"', b'"passed" ', 1))
    with pytest.raises(EvidenceRefused, match="changed after it was sealed"):
        files.read(sealed)


@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_removed_line_is_refused(sealed: Path, line: int) -> None:
    """So does a line taken out, even one that stands there three times."""
    every = lines(sealed)
    sealed.write_bytes(b"".join(every[:line] + every[line + 1 :]))
    with pytest.raises(EvidenceRefused, match="changed after it was sealed"):
        files.read(sealed)


@pytest.mark.parametrize("extra", [1, 4])
def test_a_line_after_the_footer_is_refused(sealed: Path, extra: int) -> None:
    """A closed file stays closed, also to a second footer."""
    sealed.write_bytes(sealed.read_bytes() + lines(sealed)[extra])
    with pytest.raises(EvidenceRefused, match="line 6 of the evidence stands where none may stand"):
        files.read(sealed)


@pytest.mark.parametrize("extra", [b"torn", b"\n"])
def test_anything_after_the_footer_is_refused(sealed: Path, extra: bytes) -> None:
    """Not even an empty or a torn line."""
    sealed.write_bytes(sealed.read_bytes() + extra)
    with pytest.raises(EvidenceRefused):
        files.read(sealed)


def test_a_second_header_is_refused(sealed: Path) -> None:
    """Two runs in one file are none."""
    sealed.write_bytes(lines(sealed)[0] * 2)
    with pytest.raises(EvidenceRefused, match="line 2 of the evidence stands where none may stand"):
        files.read(sealed)


@pytest.mark.parametrize("content", ["header gone", "header torn", "empty"])
def test_a_file_without_its_header_is_refused(sealed: Path, content: str) -> None:
    """Without it nobody knows what was judged."""
    every = lines(sealed)
    sealed.write_bytes({"header gone": every[1], "header torn": every[0][:-9], "empty": b""}[content])
    with pytest.raises(EvidenceRefused, match="does not begin with a header"):
        files.read(sealed)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """With its name and the reason."""
    with pytest.raises(EvidenceRefused, match=r"cannot read the evidence file none\.jsonl"):
        files.read(tmp_path / "none.jsonl")
