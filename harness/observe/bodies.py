"""Gives a function of a scratch copy another body: found in the text by its name, never by running anything."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from harness.errors import CannotTell

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What one function is to do instead: its file, its name with the classes around it, and the new body."""

    file: str
    function: str
    instead: str

    def __str__(self) -> str:
        """One line for a report."""
        return f"{self.file}: the body of {self.function} is “{'; '.join(self.instead.splitlines())}”"


def replace(root: Path, body: Body) -> None:
    """Work a new body into a copy; CannotTell unless there is exactly one function of that name."""
    path = root / body.file
    try:
        text = path.read_bytes()
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError) as error:
        raise CannotTell(f"{body.file} cannot be read as Python", causes=(str(error),)) from error
    found = [function for name, function in _functions(tree, ()) if name == body.function]
    if len(found) != 1:
        raise CannotTell(f"{body.file} has {len(found)} functions {body.function} where one is due")
    path.write_bytes(_replaced(text, found[0].body, body.instead))


def _functions(node: ast.AST, around: tuple[str, ...]) -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield ".".join((*around, child.name)), child
        if isinstance(child, _Function | ast.ClassDef):
            yield from _functions(child, (*around, child.name))
        else:
            yield from _functions(child, around)


def _replaced(text: bytes, statements: list[ast.stmt], instead: str) -> bytes:
    # The parser counts columns in bytes, from the start of a line.
    lines = text.splitlines(keepends=True)
    first, last = statements[0], statements[-1]
    head = lines[first.lineno - 1][: first.col_offset]
    tail = lines[(last.end_lineno or last.lineno) - 1][last.end_col_offset or 0 :]
    new = indent(instead, " " * first.col_offset).strip().encode()
    return b"".join((*lines[: first.lineno - 1], head, new, tail, *lines[last.end_lineno or last.lineno :]))
