"""Images are the same bytes whenever they are made, and nothing is made twice."""

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import Misuse
from harness.images import archive, debian, ingredients, layer
from harness.images.archive import Image
from harness.images.layer import Layer
from harness.images.pantry import Pantry
from harness.services.containers import naming


def tree(folder: Path, *, words: str = "words", age: int = 0) -> Path:
    """A small tree, whose files are so many seconds old and were made by somebody with another mask."""
    (folder / "one").mkdir(parents=True)
    program, link = folder / "one" / "program", folder / "link"
    program.write_text(words)
    program.chmod(0o775 if age else 0o755)
    link.symlink_to("one/program")
    os.utime(program, (1_700_000_000 - age, 1_700_000_000 - age))
    return folder


def packed(tmp_path: Path, name: str, **how: object) -> Layer:
    """The layer of such a tree."""
    return layer.pack(tree(tmp_path / name, **how), tmp_path / f"{name}.tar")  # type: ignore[arg-type]


def image(*layers: Layer, **how: str) -> Image:
    """An image of these layers."""
    return Image(name="a:1", layers=layers, argv=("serve",), labels=how, architecture="amd64")


def test_a_layer_is_the_same_bytes_whenever_it_is_made(tmp_path: Path) -> None:
    """Times, masks and owners of the files it is made of leave no trace."""
    assert packed(tmp_path, "now").digest == packed(tmp_path, "then", age=9_000).digest


def test_a_layer_of_other_content_is_another(tmp_path: Path) -> None:
    """One byte is enough."""
    assert packed(tmp_path, "one").digest != packed(tmp_path, "other", words="worse").digest


def test_an_archive_holds_a_shared_layer_once_and_names_images_by_their_digest(tmp_path: Path) -> None:
    """That is how an engine finds out that it has everything already."""
    base, own = packed(tmp_path, "base"), packed(tmp_path, "own", words="mine")
    images = (image(base), image(base, own))
    archive.write(images, tmp_path / "all.tar")
    with tarfile.open(tmp_path / "all.tar") as found:
        names = found.getnames()
        manifest = json.loads(found.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert len([name for name in names if name.endswith("layer.tar")]) == 2
    assert [entry["Config"] for entry in manifest] == [f"{one.id.removeprefix('sha256:')}.json" for one in images]


def test_the_id_of_an_image_follows_from_what_is_in_it(tmp_path: Path) -> None:
    """The same image has the same id, another label makes another one."""
    base = packed(tmp_path, "base")
    assert image(base).id == image(base).id
    assert image(base).id != image(base, code="newer").id


@pytest.fixture
def pantry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pantry]:
    """An empty pantry."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with Pantry.open() as opened:
        yield opened


def test_a_layer_that_is_kept_is_not_laid_out_again(pantry: Pantry) -> None:
    """Its name says what is in it; after it was forgotten it is made anew."""
    laid: list[Path] = []

    def lay(folder: Path) -> None:
        laid.append(tree(folder / "root"))

    first, second = pantry.layer("a-1", lay), pantry.layer("a-1", lay)
    assert first == second
    assert len(laid) == 1
    pantry.forget("a-1")
    assert pantry.layer("a-1", lay) == first
    assert len(laid) == 2


def test_a_layer_that_failed_is_not_kept(pantry: Pantry) -> None:
    """Whatever broke off leaves nothing that a later build would take for whole."""

    def break_off(folder: Path) -> None:
        tree(folder / "root")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - that is all it says
        pantry.layer("a-1", break_off)
    laid: list[Path] = []
    pantry.layer("a-1", laid.append)
    assert laid


def test_layers_that_no_build_asks_for_any_more_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pantry holds what the last build used, and a half-written archive of a killed one goes too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with Pantry.open() as first:
        first.layer("old-1", tree_below)
        first.scratch().touch()
    (tmp_path / "conform" / "images" / "layer-of-a-killed-build").mkdir()
    with Pantry.open() as second:
        second.layer("new-1", tree_below)
    left = {path.name for path in (tmp_path / "conform" / "images").iterdir()}
    assert left == {"lock", "new-1.tar", "new-1.digest"}


def tree_below(folder: Path) -> None:
    """Lay out a tree."""
    tree(folder / "root")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("", "conform-redis:latest"),
        ("team/of-{}:2026.11", "team/of-redis:2026.11"),
        ("registry:5000/{}", "registry:5000/redis:latest"),
    ],
)
def test_images_are_called_as_the_environment_says(pattern: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name, registry and tag."""
    monkeypatch.setenv(naming.VARIABLE, pattern)
    assert naming.image("redis") == name


def test_a_pattern_without_a_place_for_the_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """All images would have one name."""
    monkeypatch.setenv(naming.VARIABLE, "mine:1")
    with pytest.raises(Misuse, match="CONFORM_IMAGES"):
        naming.image("redis")


def not_found(_program: str, *, path: str) -> None:
    """What is looked for is not there, whatever the path."""
    del path


def test_without_debootstrap_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or, for whoever is not root, that root must do it."""
    monkeypatch.setattr(debian.shutil, "which", not_found)
    with pytest.raises(debian.NoBootstrap) as refused:
        debian.lay(tmp_path)
    assert ("root" if os.geteuid() else "debootstrap") in refused.value.hint


def test_a_mirror_that_has_nothing_is_told_with_the_words_of_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how another one is named."""
    failing = tmp_path / "debootstrap"
    failing.write_text("#!/bin/sh\necho 'E: no such release' >&2\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    with pytest.raises(debian.NoBootstrap) as refused:
        debian.lay(tmp_path / "root")
    assert refused.value.causes == ("E: no such release",)
    assert debian.MIRROR_VARIABLE in refused.value.hint


def test_the_programs_are_those_of_the_embedded_services(tmp_path: Path) -> None:
    """Byte for byte, so that no verdict depends on where a service runs."""
    ingredients.lay_redis(tmp_path / "redis")
    laid = tmp_path / "redis" / ingredients.REDIS_PROGRAM
    assert laid.read_bytes() == ingredients.embedded_redis.find_binary().read_bytes()
    ingredients.lay_postgres(tmp_path / "postgres")
    (server,) = (tmp_path / "postgres").rglob("bin/postgres")
    assert server.read_bytes() == (ingredients.postgres_binaries.find().folder / "postgres").read_bytes()
