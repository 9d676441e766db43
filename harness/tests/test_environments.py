"""The environment of a platform: what its checkout says it wants, and that it is made once, whole, and found again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from harness.environments import checkout, choice, environment, interpreters, recipe
from harness.errors import Misuse
from harness.tests import deviating

PLAIN = """
[project]
name = "some-platform"
version = "1.2.3"
requires-python = ">=3.11"
dependencies = []
"""
LOCK = """
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "some-platform"
version = "1.2.3"
source = { virtual = "." }
dependencies = [{ name = "gone" }, { name = "torch" }]

[package.metadata]
requires-dist = [{ name = "gone" }, { name = "torch" }]

[[package]]
name = "gone"
version = "2.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://index.example/gone-2.0.tar.gz", hash = "sha256:HASH", size = 1 }

[[package]]
name = "torch"
version = "2.9.1"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://index.example/torch-2.9.1.tar.gz", hash = "sha256:HASH", size = 1 }
""".replace("HASH", "0" * 64)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of the test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def laid(folder: Path, project: str = PLAIN, *, lock: str = "") -> Path:
    """A checkout that says this of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    if lock:
        (folder / "uv.lock").write_text(lock, encoding="utf-8")
    return folder


def test_an_environment_is_made_once_and_found_again(tmp_path: Path, cache: Path) -> None:
    """It runs, it knows the platform's version, nothing is written beside the source, and the next time it is there."""
    source, told = laid(tmp_path / "backend"), list[str]()
    assert environment.find(source) is None
    made = environment.prepare(source, named=sys.executable, tell=told.append)
    ask = "from importlib.metadata import version; print(version('some-platform'))"
    said = subprocess.run((made.python, "-c", ask), capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "1.2.3"
    assert Path(made.python).is_relative_to(cache)
    assert environment.prepare(source, named=sys.executable, tell=told.append) == made
    assert "It is there already" in told
    assert [path.name for path in source.iterdir()] == ["pyproject.toml"]


def test_a_half_made_environment_is_gone_on_with(tmp_path: Path, cache: Path) -> None:
    """Without its last file it is not whole, and nobody runs in it."""
    source = laid(tmp_path / "backend")
    made = environment.prepare(source, named=sys.executable, tell=lambda _: None)
    Path(made.python).parents[1].joinpath("conform.json").unlink()
    assert environment.prepare(source, named=sys.executable, tell=lambda _: None) == made
    assert list(cache.glob("conform/environments/*/conform.json"))


def test_the_lock_is_read_and_its_giants_are_left_out(tmp_path: Path) -> None:
    """What is declared and not locked is added, so that a start does not fail for want of it."""
    wanted = PLAIN.replace("[]", '["gone", "torch", "slowapi>=0.1.9"]')
    plan = recipe.write(checkout.read(laid(tmp_path / "backend", wanted, lock=LOCK)), sys.executable)
    assert (plan.locked, plan.added) == (("gone==2.0",), ("slowapi>=0.1.9",))
    assert plan.omitted == ("torch==2.9.1",)


def test_what_was_left_out_is_remembered(tmp_path: Path, cache: Path) -> None:
    """An application that is loaded without it does without it, and the environment says what it lacks."""
    lock = LOCK.replace('{ name = "gone" }, ', "").replace('name = "gone"', 'name = "torch-beside"')
    lock = (
        lock[: lock.index('[[package]]\nname = "torch-beside"')] + lock[lock.index('[[package]]\nname = "torch"\n') :]
    )
    source = laid(tmp_path / "backend", PLAIN.replace("[]", '["torch"]'), lock=lock)
    (source / "omoi_os" / "api").mkdir(parents=True)
    (source / "omoi_os" / "api" / "main.py").write_text("app = 1\n", encoding="utf-8")
    made = environment.prepare(source, named=sys.executable, tell=lambda _: None)
    assert made.omitted == ("torch==2.9.1",)
    assert cache.is_dir()


def test_the_workspace_that_names_the_package_has_its_lock(tmp_path: Path) -> None:
    """The lock beside the package may be older; a package that no index has is not asked for."""
    root = laid(tmp_path / "whole", '[tool.uv.workspace]\nmembers = ["backend", "parts/*"]\n', lock=LOCK)
    part = laid(root / "parts" / "part")
    local = PLAIN.replace("[]", '["part"]') + "\n[tool.uv.sources]\npart = { workspace = true }\n"
    read = checkout.read(laid(root / "backend", local, lock=LOCK))
    assert (read.root, read.members, read.local) == (root, (part,), {"part"})
    assert read.shared
    stranger = checkout.read(laid(root / "elsewhere", PLAIN))
    assert (stranger.root, stranger.locked) == (root / "elsewhere", False)


@pytest.mark.parametrize(
    ("project", "words"),
    [
        ("[tool.x]\n", "names no project"),
        ("[project\n", "cannot be read"),
        ('project = "name"\n', "cannot be read"),
        (PLAIN.replace("[]", "3"), "cannot be read"),
        (f'{PLAIN}[tool]\nuv = "x"\n', "cannot be read"),
        (PLAIN.replace(">=3.11", "soon"), "nobody understands"),
        (PLAIN.replace("[]", '["a b c"]'), "nobody understands"),
    ],
)
def test_a_checkout_that_says_nothing_is_refused(project: str, words: str, tmp_path: Path) -> None:
    """What is wrong is said, with the file."""
    with pytest.raises(Misuse, match=words):
        checkout.read(laid(tmp_path, project))


@pytest.mark.parametrize("pattern", ["/abs/*", "", "a**b"])
def test_members_that_nobody_can_look_for_are_refused(tmp_path: Path, pattern: str) -> None:
    """A pattern that is none is said, with the file that holds it."""
    source = laid(tmp_path / "backend")
    (tmp_path / "uv.lock").touch()
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.uv.workspace]\nmembers = ["backend", "{pattern}"]\n', encoding="utf-8"
    )
    with pytest.raises(Misuse, match="names members of its workspace"):
        checkout.read(source)


def test_what_lies_outside_a_workspace_is_no_member_of_it(tmp_path: Path) -> None:
    """Copies are made of members, and none may land beside the folder that is made for them."""
    root = tmp_path / "root"
    source = laid(root / "backend")
    laid(tmp_path / "stranger")
    (root / "uv.lock").touch()
    (root / "pyproject.toml").write_text(
        '[tool.uv.workspace]\nmembers = ["backend", "../stranger"]\n', encoding="utf-8"
    )
    assert checkout.read(source).members == ()


def test_a_package_may_be_the_root_of_its_own_workspace(tmp_path: Path) -> None:
    """Then its members are packages beside it as well."""
    source = laid(tmp_path, f'{PLAIN}[tool.uv.workspace]\nmembers = ["parts/*"]\n')
    laid(tmp_path / "parts" / "one")
    assert checkout.read(source).members == (tmp_path / "parts" / "one",)


def test_a_python_must_fit() -> None:
    """One that was named and does not, or none at all, is said with what is wanted."""
    assert interpreters.find(SpecifierSet(">=3.11"), named=sys.executable) == sys.executable
    with pytest.raises(Misuse, match="the platform wants >=4"):
        interpreters.find(SpecifierSet(">=4"), named=sys.executable)
    with pytest.raises(Misuse, match="this machine has no Python >=4"):
        interpreters.find(SpecifierSet(">=4"))


def test_a_run_takes_what_was_prepared(tmp_path: Path, cache: Path) -> None:
    """Unless one is named; without any it is our own, which is said to lack things."""
    assert cache.name == "cache"
    source = laid(tmp_path / "backend")
    told = list[str]()

    def chosen(target: str, *, named: str = sys.executable) -> str:
        return choice.interpreter(target, source, named=named, tell=told.append)

    assert chosen("omoios") == sys.executable
    assert "conform prepare omoios" in told[0]
    # The first Python that fits is the one that a run will look for.
    made = environment.prepare(source, named=None, tell=lambda _: None)
    assert chosen("omoios") == made.python
    assert chosen("omoios", named="python3.99") == "python3.99"
    assert chosen(deviating.__file__) == sys.executable
    assert len(told) == 1
    Path(made.python).parents[1].joinpath("conform.json").write_text(
        json.dumps({"python": made.python, "omitted": ["torch==2.9 ; sys_platform == 'linux'"]}), encoding="utf-8"
    )
    assert chosen("omoios") == made.python
    assert "made without torch:" in told[1]
    with pytest.raises(Misuse, match="needs no environment of its own"):
        choice.verify("reference")
