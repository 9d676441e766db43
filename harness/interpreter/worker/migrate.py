"""Runs the platform's own migrations, on the database of this worker and on no other.

One worker serves one database: its address is `DATABASE_URL`, its source the working directory. Steps are single
revisions taken by identity rather than by distance, so that merges and branches are walked without ambiguity.
"""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from .blame import Unfit, required

PROJECT = "pyproject.toml"


class ForeignDatabase(Unfit):
    """The platform's migration environment went to another database than the one given to it."""


class NoConfiguration(Unfit):
    """Alembic finds nothing of the platform's to start from."""


def revisions() -> list[dict[str, object]]:
    """Every revision, parents before children."""
    return [_described(script) for script in reversed(list(_script().walk_revisions()))]


def heads() -> list[str]:
    """The revisions that no other follows."""
    return list(_script().get_heads())


def current() -> list[str]:
    """The revisions at which the database stands; several between a branch and its merge."""
    seen: list[str] = []
    _environment(lambda stamped, _context: seen.extend(stamped) or (), dont_mutate=True)
    return seen


def prepare() -> None:
    """Let the environment run without a step: it makes its table of versions, and whatever else it wants there."""
    _stand_guard()
    _environment(lambda _stamped, _context: ())


def upgrade(to: str) -> None:
    """Go up to `to` (a revision, `head` or `heads`) as `alembic upgrade` does."""
    _stand_guard()
    required("alembic.command").upgrade(_config(), to)


def up(revision: str) -> None:
    """Apply this one revision, whose parents are applied."""
    _step(revision, "upgrade_from_script")


def down(revision: str) -> None:
    """Take back this one revision, which nothing applied follows: a merge goes back to its parents."""
    _step(revision, "downgrade_from_script")


def _step(revision: str, direction: str) -> None:
    _stand_guard()
    script = _script()
    steps = required("alembic.runtime.migration").MigrationStep
    step = getattr(steps, direction)(script.revision_map, script.get_revision(revision))
    _environment(lambda _stamped, _context: [step])


_guarded: list[bool] = []


def _stand_guard() -> None:
    """Compare where env.py connects with where it should, once, before anything is written."""
    if not _guarded:
        _environment(_refuse_foreign, dont_mutate=True)
        _guarded.append(True)


def _refuse_foreign(_stamped: object, context: Any) -> Iterable[Any]:
    sqlalchemy = required("sqlalchemy")
    ours = sqlalchemy.make_url(os.environ["DATABASE_URL"])
    if context.connection is None:
        raise ForeignDatabase("the migration environment runs offline and never connected to DATABASE_URL")
    name, port = context.connection.execute(sqlalchemy.text("SELECT current_database(), current_setting('port')")).one()
    if (name, int(port)) != (ours.database, ours.port or int(port)):
        raise ForeignDatabase(f"migrations connect to {name} on port {port}, not to the database in DATABASE_URL")
    return ()


def _environment(work: Callable[[Any, Any], Iterable[Any]], **options: object) -> None:
    script = _script()
    with required("alembic.runtime.environment").EnvironmentContext(_config(), script, fn=work, **options):
        script.run_env()


def _described(script: Any) -> dict[str, object]:
    return {
        "id": script.revision,
        "down": list(script._versioned_down_revisions),  # noqa: SLF001
        "needs": list(script._resolved_dependencies),  # noqa: SLF001
        "message": script.doc or "",
        "file": os.path.relpath(script.path),
    }


@functools.cache
def _script() -> Any:
    """The revisions, which executing their files once has told us."""
    return required("alembic.script").ScriptDirectory.from_config(_config())


def _config() -> Any:
    """Alembic's configuration of the platform, aimed at our database; its output goes to the log."""
    config_of = required("alembic.config").Config
    # Since 1.16 it reads what stands there too, as its own command does.
    project = {"toml_file": PROJECT} if "toml_file" in inspect.signature(config_of).parameters else {}
    if not os.path.isfile("alembic.ini"):  # noqa: PTH113
        raise NoConfiguration("alembic.ini is missing beside the package")
    config = config_of("alembic.ini", stdout=sys.stderr, **project)
    config.set_main_option("sqlalchemy.url", os.environ["DATABASE_URL"].replace("%", "%%"))
    return config
