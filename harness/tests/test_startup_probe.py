"""Starts that lack something are told apart: those that stop with an error, that go on, and that tell nothing."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.observe import breaking
from harness.observe.breaking import Lack
from harness.probes import startup
from harness.probes.startup import StartMeasurement, Startup, Trial
from harness.services import janitor
from harness.services.port import kept_port
from harness.services.program import Launch, Program
from harness.services.room import HostRoom
from harness.services.workspace import Workspace
from harness.tests import trees

SERVE: Final = """
import http.server, sys
print("loading omoi_os.services.cost_tracking", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
LACK: Final = Lack(kind="removed", module="omoi_os.services.cost_tracking")
USUAL: Final = "print('loading omoi_os.services.cost_tracking');"
DECLARING: Final = """
[project]
name = "omoi_os"
dependencies = ["httpx", "jinja2", "pydantic", "pyjwt", "pyyaml", "redis", "rich"]
"""
SEVERAL_WAYS: Final = {
    "main.py": "import omoi_os.services.event_bus\nimport httpx\n",
    "services/event_bus.py": "import pydantic\nimport omoi_os.models.base\n\ndef tell():\n    import pydantic, rich\n",
    "services/cost_tracking.py": "import jinja2\ntry:\n    import redis\nexcept ImportError:\n    redis = None\n",
    "models/base.py": "import yaml\n\ndef sign():\n    import jwt\n",
}
# Long enough for the untouched start, which lifts the limit by itself.
LEAST: Final = 1.0


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """A run's folder, gone after the test."""
    with Workspace.open() as opened:
        yield opened


def measured(
    workspace: Workspace, *codes: str, confirm: str = "raise SystemExit(1)", seconds: float = 60.0
) -> StartMeasurement:
    """What became of starts of these programs beside one that serves, confirmed within so many seconds."""
    with ExitStack() as ports:
        healthy = trial(workspace, SERVE, ports)
        broken = [trial(workspace, code, ports, lack=LACK, confirm=confirm) for code in codes]
        return startup.measure_starts(healthy, broken, room(workspace), least=LEAST, confirm=seconds)


def room(workspace: Workspace) -> HostRoom:
    """This machine."""
    return HostRoom(workspace, python=sys.executable)


def trial(workspace: Workspace, code: str, ports: ExitStack, *, lack: Lack | None = None, confirm: str = "") -> Trial:
    """A start of a program of ours."""
    port = ports.enter_context(kept_port())

    def run(words: str) -> Launch:
        return Launch(argv=(sys.executable, "-uc", words, str(port)), cwd=workspace.folder, env={})

    return Trial(lack=lack, launch=run(code), port=port, confirm=run(confirm) if confirm else None)


def said(measurement: StartMeasurement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which starts did not stop, and which named nothing."""
    told = Startup(Journal(), measurement)
    return told.unstopped("removed"), told.unnamed("removed")


def test_a_start_that_stops_and_says_why_is_right(workspace: Workspace) -> None:
    """An error that names the module and a code other than 0 are all that is asked for."""
    code = f"{USUAL} raise SystemExit(\"No module named 'omoi_os.services.cost_tracking'\")"
    assert said(measured(workspace, code)) == ((), ())


def test_what_every_start_says_names_nothing(workspace: Workspace) -> None:
    """A line that an untouched start writes too is no word on what is missing."""
    unstopped, unnamed = said(measured(workspace, f"{USUAL} raise SystemExit('startup failed')"))
    assert not unstopped
    assert "startup failed" in unnamed[0]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise SystemExit(0)", "ended with code 0"),
        (SERVE, "answered"),
        ("import time; time.sleep(600)", "ran on"),
    ],
    ids=["ends well", "serves", "hangs"],
)
def test_a_start_that_does_not_stop_with_an_error_is_wrong(code: str, words: str, workspace: Workspace) -> None:
    """Whoever ends with 0, serves, or never ends did not catch what is missing."""
    [wrong], _ = said(measured(workspace, code))
    assert words in wrong


def test_what_can_be_imported_all_the_same_proves_nothing(workspace: Workspace) -> None:
    """A module that is found elsewhere was not taken away."""
    with pytest.raises(CannotTell, match="can be imported all the same"):
        said(measured(workspace, SERVE, confirm="raise SystemExit(0)"))


@pytest.mark.parametrize(
    "confirm",
    ["import time; time.sleep(600)", "import os; os.kill(os.getpid(), 9)"],
    ids=["hangs", "was killed"],
)
def test_what_nobody_could_confirm_proves_nothing(confirm: str, workspace: Workspace) -> None:
    """A confirmation that does not end by itself, as on a machine that hangs, says nothing; none goes on."""
    found = measured(workspace, SERVE, confirm=confirm, seconds=1.0)
    with pytest.raises(CannotTell, match="nobody could see whether it is missing"):
        said(found)
    assert len(janitor.marked(workspace.folder)) == 0


def test_an_untouched_start_that_fails_ends_it(workspace: Workspace) -> None:
    """Nothing is measured by a platform that does not start anyhow."""
    with ExitStack() as ports:
        healthy = trial(workspace, "raise SystemExit(1)", ports)
        broken = trial(workspace, "import time; time.sleep(600)", ports, lack=LACK)
        found = startup.measure_starts(healthy, (broken,), room(workspace))
    assert [start.answered for start in found.healthy] == [False]
    assert not found.broken


def test_nothing_taken_is_nothing_shown(workspace: Workspace) -> None:
    """A kind of which no start was tried cannot be told."""
    with pytest.raises(CannotTell, match="nothing of this kind"):
        Startup(Journal(), measured(workspace)).unstopped("dependency")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("ModuleNotFoundError: No module named 'omoi_os.services.cost_tracking'", True),
        ("ImportError: cannot import name 'cost_tracking' from 'omoi_os.services' (/x/services/__init__.py)", True),
        ('  File "/x/omoi_os/services/cost_tracking.py", line 3', True),
        ("invalid syntax (cost_tracking.py, line 3)", True),
        ("No module named 'omoi_os.services.cost_tracking_v2'", False),
        ('  File "/x/omoi_os/reports/cost_tracking.py", line 3', False),
        ("cost tracking failed", False),
    ],
)
def test_a_module_is_named_by_its_dotted_name_or_its_file(line: str, named: bool) -> None:
    """Other modules of a similar name do not count."""
    assert LACK.named_in(line) is named


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("No module named 'yaml'", True),
        ("please install PyYAML", True),
        ("could not read config/cost_models.yaml", False),
        ("yaml://somewhere", False),
    ],
)
def test_a_package_is_named_as_it_is_imported_or_installed(line: str, named: bool) -> None:
    """A file ending or a part of an address is no name."""
    assert Lack(kind="dependency", module="yaml", others=("pyyaml",)).named_in(line) is named


def test_what_is_taken_from_a_copy_is_gone(tmp_path: Path) -> None:
    """A module removed is no file any more; one that was spoilt cannot be read, and a bereft one asks for nothing."""
    source = trees.lay("harmless", tmp_path)
    scan = trees.scanned(source)
    taken = breaking.billing_modules(scan)
    assert set(taken) == {
        "omoi_os.services.cost_tracking",
        "omoi_os.models.cost_record",
        "omoi_os.services.event_bus",
    }
    assert breaking.unused_modules(scan) == ("omoi_os.api.routes.costs", "omoi_os.services.spec_service")
    breaking.remove(source, scan, "omoi_os.services.event_bus")
    breaking.spoil(source, scan, "omoi_os.models.cost_record")
    lack = breaking.bereave(source, scan, "omoi_os.services.cost_tracking", absent="conform_absent")
    assert not (source / "omoi_os/services/event_bus.py").exists()
    with pytest.raises(SyntaxError):
        compile((source / "omoi_os/models/cost_record.py").read_text(encoding="utf-8"), "it", "exec")
    assert lack.named_in("No module named 'conform_absent'")
    assert "import conform_absent" in (source / "omoi_os/services/cost_tracking.py").read_text(encoding="utf-8")


def test_a_hidden_package_is_found_nowhere(workspace: Workspace, tmp_path: Path) -> None:
    """Neither an import nor a search finds it, while others are found as ever."""
    scan = trees.scanned(trees.lay("harmless", tmp_path / "tree"))
    breaking.hide(tmp_path, scan, "yaml")
    code = "import importlib.util as u; print(u.find_spec('yaml'), u.find_spec('pydantic') is not None); import yaml"
    argv, env = (sys.executable, "-c", code), {"PYTHONPATH": str(tmp_path)}
    program = Program.start(Launch(argv=argv, cwd=workspace.folder, env=env), workspace)
    assert program.wait(60.0) == 1
    assert "None True" in program.output()
    assert "No module named 'yaml'" in program.output()


def test_what_a_start_may_miss_is_told_from_what_it_imports(tmp_path: Path) -> None:
    """Late is what billing modules need and loading does not bring; what others import in functions is neither."""
    source = trees.lay("harmless", tmp_path)
    source.joinpath("pyproject.toml").write_text(DECLARING, encoding="utf-8")
    for name, imports in SEVERAL_WAYS.items():
        file = source / "omoi_os" / name
        file.write_text(imports + (file.read_text(encoding="utf-8") if file.exists() else ""), encoding="utf-8")
    scan = trees.scanned(source)
    assert breaking.late_packages(scan, "omoi_os.main") == ("jinja2", "rich")
    assert breaking.loaded_packages(scan, "omoi_os.main") == ("pydantic", "yaml")
