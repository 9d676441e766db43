"""The project's own commands: judge a platform, test the harness, lint it, decide at the gate, measure it."""

import fcntl
import hashlib
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.sessions = ["conformance"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
nox.options.error_on_external_run = True

HERE = Path(__file__).parent
CONSTRAINTS = HERE / "constraints.txt"
ON_TWO_CORES = ("-n", "2", "--dist", "worksteal")
# All faults take longer than whoever changes something waits: each has its day.
FAULT_SHARES = 8
FIND_BROWSER = """
from harness.services.browser import Chromium
from harness.services.workspace import Workspace

with Workspace.open() as workspace, Chromium.open(workspace) as browser:
    print(browser.chosen.program or "")
"""


@nox.session
def conformance(session: nox.Session) -> None:
    """Judge a platform (default: the reference implementation); words after -- go to `conform run`."""
    _install(session)
    _conform(session, "run", *session.posargs)


@nox.session
def gate(session: nox.Session) -> None:
    """Decide whether evidence opens the gate; words after -- go to `conform gate` (default: the latest run)."""
    _install(session)
    latest = ("reports/out/latest/evidence.jsonl", "--policy", "fixtures/baselines/gate.toml")
    _conform(session, "gate", *(session.posargs or latest))


@nox.session
def tests(session: nox.Session) -> None:
    """Test the engine, checks against today's share of the faults, and the reference; words after -- go to pytest."""
    _install(session, "tests")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    share = f"{datetime.now(UTC).toordinal() % FAULT_SHARES + 1}/{FAULT_SHARES}"
    session.log(f"of the seeded faults the share {share} is tried today; `nox -s faults` tries them all")
    session.run("pytest", *ON_TWO_CORES, "-rs", "harness/tests", env={"CONFORM_FAULTS": share})
    place = ("-c", "reference_impl/pyproject.toml", "--rootdir", "reference_impl", "reference_impl/tests")
    session.run("pytest", "-n", "2", *place, env=_browser(session))


@nox.session
def faults(session: nox.Session) -> None:
    """Try every check against all of its faults, about an hour; words after -- go to pytest."""
    _install(session, "tests")
    session.run("pytest", *ON_TWO_CORES, "harness/tests/test_faults.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, that the folders are the architecture, and the CI files that teams copy."""
    _install(session, "tests", "lint", "bench")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("pyright", "--pythonpath", f"{session.bin}/python")
    session.run("lint-imports")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/conformance.yml")
    gitlab = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", ".gitlab/conformance.yml")
    session.run("check-jsonschema", *gitlab)
    session.run("zizmor", "--offline", "--no-progress", ".github/workflows")
    for kind in ("github", "gitlab"):
        session.run("python", ".ci/steps.py", kind)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the harness and print the figures; words after -- go to `python -m harness.bench`."""
    _install(session, "bench")
    session.run("python", "-m", "harness.bench", *session.posargs)


@nox.session
def images(session: nox.Session) -> None:
    """Make the images of the containers, asking no image registry; words after -- go to `python -m harness.images`."""
    _install(session)
    session.run("python", "-m", "harness.images", *session.posargs)


@nox.session
def containers(session: nox.Session) -> None:
    """Judge a platform in containers, whose images `nox -s images` makes; words after -- go to `conform run`."""
    _install(session)
    _conform(session, "run", "--services", "containers", *session.posargs)


def _install(session: nox.Session, *extras: str) -> None:
    """Install the checkout in place, once for each state of its requirements, so that runs at the same time agree."""
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    place = Path(session.virtualenv.location)
    with (place / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = place / "installed"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        what = f".[{','.join(extras)}]" if extras else "."
        # Compiled at once: left to later, every process of every run would compile everything again.
        session.install("--constraint", str(CONSTRAINTS), "--editable", what, env={"UV_COMPILE_BYTECODE": "1"})
        stamp.write_text(wanted)


def _browser(session: nox.Session) -> dict[str, str]:
    """Name the browser that the harness finds or fetches to tests that know nothing of the harness."""
    said = session.run("python", "-c", FIND_BROWSER, silent=True)
    program = str(said).strip().rpartition("\n")[2]
    return {"CHROMIUM_PATH": program} if program else {}


def _conform(session: nox.Session, *words: str) -> None:
    """Run our command and end nox with its exit code, which nox would flatten to 1."""
    command = [f"{session.bin}/conform", *words]
    session.log(" ".join(command))
    code = subprocess.run(command, check=False).returncode
    if code:
        raise SystemExit(code)
