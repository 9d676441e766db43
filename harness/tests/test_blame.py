"""Nobody is blamed for what the interpreter lacks, for a bug of our own, or for a database server of ours that died."""

import shutil
import site
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from harness.errors import CannotTell, PlatformMisbehaved
from harness.interpreter import client
from harness.interpreter.client import Worker
from harness.observe import history, scratch
from harness.observe.history import Revision
from harness.observe.scratch import Ground, Scratch
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.interface import ServiceRefused
from harness.services.workspace import Workspace
from harness.tests.migration_ground import MINIATURES, miniature

ANY: TypeAdapter[object] = TypeAdapter(object)
DATABASE_URL = "postgresql+psycopg://me:hidden@127.0.0.1:1/nothing"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the sound miniature."""
    return Path(shutil.copytree(MINIATURES / "sound", tmp_path / "platform"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python in which nothing is installed."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    return str(folder / "bin" / "python")


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that the test may end."""
    with Workspace.open() as opened:
        yield EmbeddedPostgres.start(opened)


def refusal(python: str, source: Path, command: str, **env: str) -> CannotTell | PlatformMisbehaved:
    """What comes of a command that cannot succeed."""
    arguments: dict[str, object] = {"values": {}} if command == "orm.insert_and_read" else {}
    with (
        Worker(python, source, env={"DATABASE_URL": DATABASE_URL, **env}) as worker,
        pytest.raises((CannotTell, PlatformMisbehaved)) as caught,
    ):
        worker.call(command, ANY, deadline=20, **arguments)
    assert isinstance(caught.value, CannotTell | PlatformMisbehaved)
    return caught.value


@pytest.mark.parametrize(("command", "lacks"), [("orm.configure", "sqlalchemy"), ("migrate.heads", "alembic")])
def test_what_the_worker_needs_and_the_interpreter_lacks_cannot_be_told(
    command: str, lacks: str, bare: str, source: Path
) -> None:
    """The dependency is named, and the interpreter to install it in."""
    told = refusal(bare, source, command)
    assert isinstance(told, CannotTell)
    assert told.message == f"dependency not installed: {lacks}"
    assert "--python" in told.hint


def test_a_missing_driver_cannot_be_told(bare: str, source: Path, tmp_path: Path) -> None:
    """SQLAlchemy without the driver that our own address asks for."""
    (packages,) = (Path(folder) for folder in site.getsitepackages() if (Path(folder) / "sqlalchemy").is_dir())
    (tmp_path / "some").mkdir()
    for name in ("sqlalchemy", "typing_extensions.py"):
        (tmp_path / "some" / name).symlink_to(packages / name)
    told = refusal(bare, source, "orm.insert_and_read", PYTHONPATH=str(tmp_path / "some"))
    assert isinstance(told, CannotTell)
    assert told.message == "dependency not installed: psycopg"


@pytest.mark.parametrize(("declared", "kind"), [("nowhere-to-be-found", CannotTell), ("", PlatformMisbehaved)])
def test_a_dependency_of_the_platform_is_missing_only_if_declared(
    declared: str, kind: type[Exception], source: Path
) -> None:
    """Nobody promised the one that no file of the platform names."""
    (source / "requirements.txt").write_text(f"{declared}\n")
    (source / "omoi_os/models/cost_record.py").write_text("import nowhere_to_be_found\n")
    told = refusal(sys.executable, source, "orm.configure")
    assert isinstance(told, kind)
    assert "nowhere" in told.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "offers no CostRecord"),
        ("import omoi_os.models.nothing", "nothing"),
        ("class CannotLook(Exception): ...\nraise CannotLook", "CannotLook"),
    ],
)
def test_a_model_that_is_not_there_is_the_platforms(text: str, words: str, source: Path) -> None:
    """What the worker refuses on purpose is no bug of ours, and a class of the platform cannot pose as ours."""
    (source / "omoi_os/models/cost_record.py").write_text(text)
    told = refusal(sys.executable, source, "orm.configure")
    assert isinstance(told, PlatformMisbehaved)
    assert words in told.message


def test_a_migration_environment_that_is_not_there_is_the_platforms(source: Path) -> None:
    """Without alembic.ini there is nothing to migrate with."""
    (source / "alembic.ini").unlink()
    told = refusal(sys.executable, source, "migrate.heads")
    assert isinstance(told, PlatformMisbehaved)
    assert "alembic.ini is missing" in told.message


def test_a_bug_of_our_own_worker_cannot_be_told(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attribute that another Alembic does not have is named with our line, not the platform's."""
    folder = Path(shutil.copytree(client.FOLDER, tmp_path / "worker"))
    migrate = folder / "migrate.py"
    migrate.write_text(migrate.read_text().replace("._versioned_down_revisions", "._renamed_in_another_version"))
    monkeypatch.setattr(client, "FOLDER", folder)
    told = refusal(sys.executable, source, "migrate.revisions")
    assert isinstance(told, CannotTell)
    assert "_renamed_in_another_version" in told.message
    assert "migrate.py:" in told.causes[0]


@pytest.mark.parametrize(
    "text",
    ["import os\nraise RuntimeError(os.environ['DATABASE_URL'])", "raise RuntimeError('its password is hidden')"],
)
def test_no_password_is_in_what_the_platform_raised(text: str, source: Path) -> None:
    """Neither in an address nor by itself."""
    (source / "omoi_os/models/cost_record.py").write_text(text)
    told = refusal(sys.executable, source, "orm.configure")
    assert "hidden" not in str(told)
    assert "***" in told.message


def test_no_password_is_in_the_last_words_of_a_worker(source: Path) -> None:
    """What the platform wrote before it ended is cleared too."""
    ending = "import os\nos.write(2, os.environ['DATABASE_URL'].encode())\nos._exit(3)\n"
    (source / "omoi_os/models/cost_record.py").write_text(ending)
    told = refusal(sys.executable, source, "orm.configure")
    assert "me:***@127" in told.causes[0]


def one_step(place: Scratch) -> None:
    """The first revision by itself."""
    history.step(place, "up", Revision(id="r1", down=(), needs=(), message="", file=""), doing="up to")


@pytest.mark.parametrize("walk", [one_step, history.upgrade])
def test_our_own_dead_database_is_no_failed_migration(
    own_server: EmbeddedPostgres, walk: Callable[[Scratch], None]
) -> None:
    """Nothing follows from what was raised, and that the database cannot be dropped afterwards does not hide it."""

    def die(ground: Ground) -> None:
        with scratch.database(ground, "dies") as place:
            own_server.kill()
            walk(place)

    with miniature(own_server) as ground, pytest.raises(CannotTell, match="our own database server is gone"):
        die(ground)


def test_a_database_that_cannot_be_dropped_is_told_by_itself(own_server: EmbeddedPostgres) -> None:
    """Where nothing else went wrong, the refusal of our own server is the error."""
    with miniature(own_server) as ground, pytest.raises(ServiceRefused), scratch.database(ground, "stays"):
        own_server.kill()
