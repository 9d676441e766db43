"""The scan says of every file what it imports and when, without running any."""

from pathlib import Path

import pytest

from harness.interpreter import closure
from harness.interpreter.scan import Import, SourceFile
from harness.tests import trees

MODULE = "omoi_os.services.sample"


def sample(text: str, folder: Path) -> SourceFile:
    """The scan of one file with this text, in `omoi_os/services/sample.py` of a harmless tree."""
    source = trees.lay("harmless", folder)
    (source / "omoi_os/services/sample.py").write_text(text)
    return trees.scanned(source).modules()[MODULE]


@pytest.mark.parametrize(
    ("text", "target", "names"),
    [
        ("import a.b as c", "a.b", ()),
        ("from a import b as c, d", "a", ("b", "d")),
        ("from . import event_bus", "omoi_os.services", ("event_bus",)),
        ("from .event_bus import X", "omoi_os.services.event_bus", ("X",)),
        ("from ..models import Y", "omoi_os.models", ("Y",)),
        ("from .... import Z", "....", ("Z",)),
    ],
)
def test_a_target_is_absolute(text: str, target: str, names: tuple[str, ...], tmp_path: Path) -> None:
    """Dots are resolved; those that lead out of the package stay visible."""
    (only,) = sample(text, tmp_path).imports
    assert (only.target, only.names, only.kind) == (target, names, "runtime")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("if x:\n import a", "runtime"),
        ("class C:\n import a", "runtime"),
        ("for x in y:\n import a", "runtime"),
        ("match x:\n case 1:\n  import a", "runtime"),
        ("def f():\n import a", "function"),
        ("class C:\n async def f(self):\n  with x:\n   import a", "function"),
        ("if __name__ == '__main__':\n import a", "function"),
        ("if TYPE_CHECKING:\n import a", "type-checking"),
        ("if typing.TYPE_CHECKING and x:\n import a", "type-checking"),
        ("if not TYPE_CHECKING:\n pass\nelse:\n import a", "type-checking"),
        ("if TYPE_CHECKING:\n pass\nelse:\n import a", "runtime"),
        ("def f():\n if TYPE_CHECKING:\n  import a", "type-checking"),
        ("if sys.version_info >= (3, 8):\n import a\nelse:\n import b", "runtime"),
    ],
)
def test_an_import_has_the_time_at_which_it_runs(text: str, kind: str, tmp_path: Path) -> None:
    """At import, in a function, or never; branches this Python never takes are left out."""
    (only,) = sample(text, tmp_path).imports
    assert (only.target, only.kind) == ("a", kind)


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("try:\n import a\nexcept ImportError:\n pass", True),
        ("try:\n import a\nexcept (KeyError, builtins.ModuleNotFoundError):\n pass", True),
        ("try:\n import a\nexcept:\n pass", True),
        ("with contextlib.suppress(ImportError):\n import a", True),
        ("try:\n pass\nexcept ImportError:\n import a", True),
        ("try:\n import a\nexcept KeyError:\n pass", False),
        ("try:\n pass\nexcept ImportError:\n pass\nelse:\n import a", False),
        ("with suppress(KeyError):\n import a", False),
    ],
)
def test_an_import_that_may_fail_is_guarded(text: str, guarded: bool, tmp_path: Path) -> None:
    """Only a handler that catches a failed import guards it."""
    (only,) = sample(text, tmp_path).imports
    assert only.guarded is guarded


@pytest.mark.parametrize(
    ("text", "target", "kind"),
    [
        ('importlib.import_module("a.b")', "a.b", "runtime"),
        ('def f():\n return import_module("a")', "a", "function"),
        ('later = lambda: __import__("a")', "a", "function"),
        ('import_module(".event_bus", package=__package__)', "omoi_os.services.event_bus", "runtime"),
    ],
)
def test_a_literal_string_is_an_import(text: str, target: str, kind: str, tmp_path: Path) -> None:
    """`import_module` and `__import__` with a literal count; with anything else nobody can tell."""
    (only,) = sample(text, tmp_path).imports
    assert (only.target, only.kind) == (target, kind)


def test_a_file_of_broken_syntax_is_named_with_its_line(tmp_path: Path) -> None:
    """The rest of the package is scanned all the same."""
    file = trees.scanned(trees.lay("broken-syntax", tmp_path)).modules()["omoi_os.services.event_bus"]
    assert file.error is not None
    assert file.error.line == 1


def test_a_file_beside_a_folder_of_its_name_is_sorted_as_python_does(tmp_path: Path) -> None:
    """A package hides a module of its name; a module hides a folder without __init__.py."""
    source = trees.lay("harmless", tmp_path)
    (source / "omoi_os/models.py").touch()
    (source / "omoi_os/relay.py").touch()
    (source / "omoi_os/relay").mkdir()
    (source / "omoi_os/relay/outbox.py").touch()
    hidden = {file.path for file in trees.scanned(source).files if file.unreachable}
    assert hidden == {"omoi_os/models.py", "omoi_os/relay/outbox.py"}


def test_an_import_of_a_submodule_leads_to_it(tmp_path: Path) -> None:
    """`from package import name` leads to the submodule when there is one, else to the package."""
    source = trees.lay("harmless", tmp_path)
    (source / "omoi_os/sample.py").write_text("from omoi_os.models import cost_record, CostRecord\n")
    edges = [edge.imported for edge in closure.edges(trees.scanned(source)) if edge.importer == "omoi_os.sample"]
    assert edges == ["omoi_os.models.cost_record", "omoi_os.models"]


def test_the_billing_closure_goes_both_ways_and_no_further(tmp_path: Path) -> None:
    """What reaches billing and what billing reaches; not what merely shares an ancestor with it."""
    source = trees.lay("cycle-outside-billing", tmp_path)
    (source / "omoi_os/page.py").write_text(
        "def f():\n    import omoi_os.api.routes.costs\n    import omoi_os.colours\n"
    )
    (source / "omoi_os/colours.py").touch()
    billing = closure.billing(trees.scanned(source))
    assert "omoi_os.page" in billing
    assert "omoi_os.models" in billing
    assert not {"omoi_os.colours", "omoi_os.weather.sun"} & billing


def test_fifteen_hundred_modules_are_scanned(tmp_path: Path) -> None:
    """A big platform fits through the channel in one answer."""
    source = trees.lay("harmless", tmp_path)
    body = "from omoi_os.models import CostRecord\n\n\ndef f(x: int) -> list[int]:\n    return [x, *range(x)]\n" * 30
    for number in range(1500):
        (source / "omoi_os" / f"module_{number}.py").write_text(body)
    assert len(trees.scanned(source).files) == 1510


def test_an_import_is_a_value() -> None:
    """Two imports of the same fields are equal."""
    assert Import(target="a", names=(), line=1, kind="runtime") == Import(target="a", names=(), line=1, kind="runtime")
