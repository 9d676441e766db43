"""A function of a scratch copy gets another body, whatever else its file holds, or nobody can tell."""

import ast
import shutil
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.observe import bodies
from harness.observe.bodies import Body
from harness.targets import index
from harness.tests import stage

FILE: Final = "costs.py"
SOURCE: Final = '''\
class Costs:
    """Keeps costs."""

    def record(
        self,
        call: str,  # who called
    ) -> str:
        """Store a call … with “words” of all kinds."""
        if call:
            return call
        return "nothing"  # kept

    def other(self) -> int:
        return 7

    class Inner:
        def record(self) -> int: return 1 # inner


def record() -> int:
    def helper() -> int:
        return 2
    return helper()


async def later():
    return 3


if True:
    def often(): ...
else:
    def often(): ...
'''


@pytest.mark.parametrize(
    ("function", "gone", "kept"),
    [
        ("Costs.record", "return call", "# kept"),
        ("Costs.Inner.record", "return 1", "# inner"),
        ("record", "return helper()", "async def later"),
        ("record.helper", "return 2", "return helper()"),
        ("later", "return 3", "def often"),
    ],
)
def test_the_body_of_one_function_is_replaced(tmp_path: Path, function: str, gone: str, kept: str) -> None:
    """Nothing else changes, and what comes out is Python."""
    (tmp_path / FILE).write_text(SOURCE, encoding="utf-8")
    bodies.replace(tmp_path, Body(file=FILE, function=function, instead="return None"))
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert gone not in text
    assert kept in text
    assert text.count("return None") == 1
    assert ast.unparse(ast.parse(text)).count("\ndef ") == ast.unparse(ast.parse(SOURCE)).count("\ndef ")


def test_a_body_may_have_several_lines(tmp_path: Path) -> None:
    """They are indented as the old body was."""
    (tmp_path / FILE).write_text(SOURCE, encoding="utf-8")
    bodies.replace(tmp_path, Body(file=FILE, function="Costs.other", instead="if self:\n    return 8\nreturn 9"))
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert "    def other(self) -> int:\n        if self:\n            return 8\n        return 9\n\n" in text


@pytest.mark.parametrize("function", ["Costs.forget", "often", "Costs", "helper"])
def test_a_function_that_is_not_there_once_is_left_alone(tmp_path: Path, function: str) -> None:
    """A baseline that differs by nothing, or by more than was meant, would be none."""
    (tmp_path / FILE).write_text(SOURCE, encoding="utf-8")
    with pytest.raises(CannotTell, match=f"functions {function} where one is due"):
        bodies.replace(tmp_path, Body(file=FILE, function=function, instead="return None"))
    assert (tmp_path / FILE).read_text(encoding="utf-8") == SOURCE


@pytest.mark.parametrize("text", [None, "def record(:", "x = '\0'"])
def test_a_file_that_cannot_be_read_is_said_to_be_none(tmp_path: Path, text: str | None) -> None:
    """Whether it is away or of another language."""
    if text is not None:
        (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(CannotTell, match=r"costs\.py cannot be read as Python"):
        bodies.replace(tmp_path, Body(file=FILE, function="record", instead="return None"))


@pytest.mark.parametrize("target", ["reference", stage.MINIATURE], ids=["reference", "miniature"])
def test_what_a_target_names_is_in_its_source(tmp_path: Path, target: str) -> None:
    """The function by which it records costs is there, once."""
    driver = index.find(target)
    source = driver.default_source(stage.SUITE)
    assert source is not None
    assert driver.without_recording
    for body in driver.without_recording:
        (tmp_path / body.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / body.file, tmp_path / body.file)
        bodies.replace(tmp_path, body)
        assert body.instead in (tmp_path / body.file).read_text(encoding="utf-8")
