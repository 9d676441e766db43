"""Containers are chosen where they can be had, and whoever asks for them in vain is told what to do."""

import socket
from pathlib import Path

import pytest
from docker.errors import DockerException

from harness.errors import Misuse
from harness.services import kinds
from harness.services.containers import engine, naming, stub_code
from harness.services.containers.engine import Engine, EngineFailed
from harness.services.kinds import ImagesMissing
from harness.tests import engine_room
from harness.tests.tiny_suite import TinySuite

NOWHERE = "unix:///nowhere/docker.sock"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose engine does not answer."""
    monkeypatch.setenv("DOCKER_HOST", NOWHERE)


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_services_are_embedded_and_it_is_said_why() -> None:
    """The address that did not answer is named."""
    chosen = kinds.choose("auto")
    assert (chosen.kind, NOWHERE in chosen.because) == ("embedded", True)


def test_where_no_engine_can_be_none_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without Docker waits for nothing."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "_SOCKET", tmp_path / "docker.sock")
    assert kinds.choose("auto").because == "there is no Docker engine on this machine"


def test_whoever_names_a_python_of_this_machine_has_it_used_here() -> None:
    """A container has another one; asked for by name, containers are taken all the same."""
    assert "interpreter" in kinds.choose("auto", apart=True).because


@pytest.mark.usefixtures("no_engine")
def test_containers_without_an_engine_are_refused() -> None:
    """With what to do about it."""
    with pytest.raises(EngineFailed, match="no Docker engine answers") as refused:
        kinds.choose("containers")
    assert "dockerd" in refused.value.hint
    assert "--services embedded" in refused.value.hint


def test_an_engine_that_hangs_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the call and says nothing."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine.sock")
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(f"{tmp_path}/engine.sock")
        hung.listen()
        with pytest.raises(EngineFailed, match="no Docker engine answers"):
            Engine.connect(seconds=1)


@pytest.mark.usefixtures("no_engine")
def test_the_command_says_it_in_one_line(tmp_path: Path) -> None:
    """Nothing is judged."""
    suite = TinySuite(tmp_path)
    ended = suite.run("--services", "containers")
    assert ended.code == 3
    assert ended.err.startswith("engine-failed: no Docker engine answers")
    assert len(ended.err.strip().splitlines()) == 1
    assert not suite.out.exists()


@pytest.mark.usefixtures("no_engine")
def test_the_report_says_which_services_and_why(tmp_path: Path) -> None:
    """On the screen and in the file."""
    suite = TinySuite(tmp_path)
    ended = suite.run("--services", "auto")
    assert "Services: embedded, since no Docker engine answers" in ended.out
    environment = suite.report["run"]["environment"]
    assert environment["services"] == "embedded"
    assert environment["services_because"].startswith("no Docker engine answers")


def test_images_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the session that makes them, and the variable that gives them other names; nothing is pulled."""
    engine_room.demand()
    monkeypatch.setenv(naming.VARIABLE, "conform-never-made-{}:1")
    with pytest.raises(ImagesMissing, match="conform-never-made-postgres:1") as refused:
        kinds.choose("containers")
    assert "nox -s images" in refused.value.hint
    assert naming.VARIABLE in refused.value.hint
    assert kinds.choose("auto").kind == "embedded"


def test_an_image_of_another_version_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub in it would not understand us."""
    engine_room.demand()
    monkeypatch.setattr(stub_code, "key", lambda: "another")
    with pytest.raises(ImagesMissing, match="another version of the provider stub"):
        kinds.choose("containers")


def test_the_digests_of_images_are_noted_for_the_report() -> None:
    """And the engine, and the Python in which the platform runs."""
    engine_room.demand()
    versions = kinds.choose("containers").versions
    images = {name: digest for name, digest in versions.items() if name.startswith("image ")}
    assert len(images) == 4
    assert all(digest.startswith("sha256:") for digest in images.values())
    assert versions["platform's Python"].startswith("3.")
    assert versions["engine"].startswith("Docker ")


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("write /layer.tar: no space left on device", "disk of the engine is full"),
        ("dial unix /var/run/docker.sock: connect: permission denied", "group docker"),
        ("driver failed: port is already allocated", "port is taken"),
        ("iptables failed: operation not permitted", "does not let the engine run containers"),
        ("whatever else", "conform doctor"),
    ],
)
def test_what_the_engine_refuses_comes_with_the_next_action(said: str, hint: str) -> None:
    """Its own words are the cause."""
    with pytest.raises(EngineFailed, match="it failed") as refused, engine.told("it failed"):
        raise DockerException(said)
    assert said in refused.value.causes
    assert hint in refused.value.hint


def test_an_engine_on_another_machine_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees none of our folders."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(EngineFailed, match="is not reached by a socket of this machine") as refused:
        kinds.choose("containers")
    assert "DOCKER_HOST" in refused.value.hint
    assert kinds.choose("auto").kind == "embedded"


def test_an_engine_that_sees_other_folders_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As one does whose socket was handed into a container."""
    engine_room.demand()
    monkeypatch.setattr(kinds, "LOOK", kinds.LOOK.replace("read_text()", "name"))
    monkeypatch.setattr(kinds.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(EngineFailed, match="does not see the folders"):
        kinds.choose("containers")


def test_other_services_are_refused() -> None:
    """With the words that there are."""
    with pytest.raises(Misuse, match="choose auto, containers or embedded"):
        kinds.choose("cloud")
