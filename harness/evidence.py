"""The append-only file between the two halves: observers write it, judges read it, nothing else crosses.

One JSON object a line: a header, then checks and canaries as they happen, then a footer that closes the file with the
SHA-256 of everything before it. A torn last line is a missing footer; any other broken line is refused.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from pydantic import TypeAdapter, ValidationError

from harness.errors import EvidenceRefused
from harness.model import Canary, Evidence, Footer, Header, Line, Record

_LINE: TypeAdapter[Line] = TypeAdapter(Line)
_HINT = "evidence is only ever written by `conform run`; run it again"


class EvidenceWriter:
    """Appends lines to an evidence file, each whole and flushed before the next one begins."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb")
        self._digest = hashlib.sha256()
        self._lines = 0

    def append(self, line: Line) -> None:
        """Write one line."""
        encoded = _LINE.dump_json(line) + b"\n"
        self._file.write(encoded)
        self._file.flush()
        self._digest.update(encoded)
        self._lines += 1

    def seal(self, *, finished: datetime, seconds: float, target_digest: str, troubles: tuple[str, ...]) -> None:
        """Write the footer; `seconds` is the length of the run, `troubles` what kept lanes from ending well."""
        self.append(
            Footer(
                lines=self._lines,
                digest=self._digest.hexdigest(),
                seconds=seconds,
                finished=finished,
                target_digest=target_digest,
                troubles=troubles,
            )
        )

    def close(self) -> None:
        """Give up the file; without a footer it stays cut short."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(path: Path) -> Record:
    """Read an evidence file, or raise EvidenceRefused when it is not what the harness wrote."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"cannot read the evidence file {path.name}: {error.strerror}"
        raise EvidenceRefused(message, hint="name the evidence.jsonl of a run") from error
    whole, _, torn = content.rpartition(b"\n")
    lines = tuple(_parse(whole)) if whole else ()
    if not lines or not isinstance(lines[0], Header):
        raise EvidenceRefused(f"{path.name} does not begin with a header", hint=_HINT)
    footer = lines[-1] if isinstance(lines[-1], Footer) else None
    if footer is not None:
        _verify(footer, content=content, torn=torn)
    return Record(
        header=lines[0],
        evidence=tuple(line for line in lines if isinstance(line, Evidence)),
        canaries=tuple(line for line in lines if isinstance(line, Canary)),
        footer=footer,
    )


def parse_line(encoded: bytes) -> Line:
    """Turn one line of an evidence file or shard into its value; ValidationError when it is none."""
    return _LINE.validate_json(encoded)


def _parse(whole: bytes) -> Iterator[Line]:
    closed = False
    for number, encoded in enumerate(whole.split(b"\n"), start=1):
        try:
            line = parse_line(encoded)
        except ValidationError as error:
            raise EvidenceRefused(f"line {number} of the evidence is broken", hint=_HINT) from error
        if closed or (isinstance(line, Header) and number > 1):
            raise EvidenceRefused(f"line {number} of the evidence stands where none may stand", hint=_HINT)
        closed = isinstance(line, Footer)
        yield line


def _verify(footer: Footer, *, content: bytes, torn: bytes) -> None:
    before = content[: content.rstrip(b"\n").rfind(b"\n") + 1]
    if torn or footer.lines != before.count(b"\n") or footer.digest != hashlib.sha256(before).hexdigest():
        raise EvidenceRefused("the evidence was changed after it was sealed", hint=_HINT)
