"""What a platform is started with: what must never be shown of it, and whose settings it is given."""

import sys
from pathlib import Path

import pytest

from harness.errors import TargetDidNotStart
from harness.services.workspace import Workspace
from harness.targets import launch
from harness.targets.launch import Running, Site


def test_passwords_of_its_servers_are_taken_out_of_what_a_platform_says(tmp_path: Path) -> None:
    """It may print its whole environment, where a password stands in an address and also by itself."""
    given = launch.backing(
        database_url="postgresql+psycopg://them:hunter2@127.0.0.1:1/costs", redis_url="redis://:swordfish@127.0.0.1:1"
    )
    with Workspace.open() as workspace:
        started = launch.command(Site(source=tmp_path, python=sys.executable, workspace=workspace), given, 1)
    assert {given.secret, "hunter2", "swordfish"} <= set(started.secrets)
    assert "hunter2" in started.env.values()


def test_a_platform_is_started_with_the_settings_of_its_driver_and_never_against_the_run(tmp_path: Path) -> None:
    """They say whom it asks; where its services are, the run says."""
    given = launch.backing(database_url="postgresql+psycopg://127.0.0.1:1/costs", redis_url="redis://127.0.0.1:1")
    settings = {"EMBEDDING_PROVIDER": "openai", "REDIS_URL": "redis://elsewhere:1"}
    with Workspace.open() as workspace:
        site = Site(source=tmp_path, python=sys.executable, workspace=workspace, settings=settings)
        started = launch.command(site, given, 1)
    assert (started.env["EMBEDDING_PROVIDER"], started.env["REDIS_URL"]) == ("openai", given.redis_url)


def test_a_platform_that_ends_before_it_answers_is_reported_with_the_failure_that_it_named(tmp_path: Path) -> None:
    """Whatever it writes on its way out does not stand in front of that."""
    package = tmp_path / "omoi_os" / "api"
    package.mkdir(parents=True)
    (package / "main.py").write_text(
        "import atexit\natexit.register(lambda: print(*map('warning {}'.format, range(30)), sep='\\n'))\n"
        "class Late:\n    def __del__(self): raise ValueError('too late')\n"
        "late = Late()\nraise TypeError('too many arguments')\n"
    )
    given = launch.backing(database_url="postgresql+psycopg://127.0.0.1:1/costs", redis_url="redis://127.0.0.1:1")
    with Workspace.open() as workspace, pytest.raises(TargetDidNotStart) as raised:
        Running.start(Site(source=tmp_path, python=sys.executable, workspace=workspace), given)
    assert raised.value.causes[0] == "TypeError: too many arguments"
    assert "ValueError: too late" in raised.value.causes[1:]
