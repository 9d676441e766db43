"""The real command judges a platform that runs already: it reads, finds what is open, and shows no token."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from harness.report import json_format
from harness.services.port import kept_port
from harness.tests import seeding
from harness.tests.seeding import FAULTS, REFERENCE
from harness.tests.stage import SUITE
from harness.tests.tiny_suite import MAIN_ENTRY

SECONDS: Final = 120.0
PEOPLE: Final[Mapping[str, str]] = {"member": "member@example.com", "viewer": "viewer@example.com"}
PASSWORD: Final = "correct horse battery"  # noqa: S105 - of the sample data
CONTRACT: Final = "CON-API-001.1/operations-parameters-fields-types-and-success-codes-are-kept"
SHOWN: Final = "NFR-SEC-001.1/everybody-of-a-project-is-shown-its-costs"
UNSOUND: Final = "NFR-SEC-001.2/whoever-cannot-prove-who-they-are-is-shown-nothing"
RECORDING: Final = "NFR-SEC-001.2/nobody-else-records-a-cost"
MIGRATION: Final = "CON-MIG-001.1/each-revision-in-turn"
OUT_OF_REACH: Final = "out of reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A platform with sample data, its project, and the tokens of two of its people."""

    url: str
    project: str
    tokens: Mapping[str, str]

    @property
    def visitors(self) -> str:
        """Those two, as the command is told of them."""
        lines = [f'project = "{self.project}"', "[tokens]", *(f'{who} = "{one}"' for who, one in self.tokens.items())]
        return "\n".join(lines)

    def spent(self) -> Any:
        """What its project cost so far."""
        scope = {"scope_type": "project", "scope_id": self.project}
        headers = {"Authorization": f"Bearer {self.tokens['member']}"}
        return httpx.get(f"{self.url}/api/v1/costs/summary", params=scope, headers=headers).json()


@contextmanager
def running(source: Path) -> Generator[Running]:
    """The platform of a source tree, started as its people start it."""
    with kept_port() as port:
        demo = subprocess.Popen(
            (sys.executable, str(source / "demo"), "--port", str(port)), stdout=subprocess.PIPE, text=True
        )
        try:
            assert demo.stdout is not None
            told = "".join(iter(demo.stdout.readline, "Ctrl-C ends it and removes everything.\n"))
            url = f"http://127.0.0.1:{port}"
            found = re.search(r"project=(\w+)", told)
            assert found is not None, told
            yield Running(url=url, project=found[1], tokens={who: entered(url, PEOPLE[who]) for who in PEOPLE})
        finally:
            demo.terminate()
            demo.communicate(timeout=SECONDS)


def entered(url: str, email: str) -> str:
    """The access token of somebody who signs in."""
    answer = httpx.post(f"{url}/api/v1/auth/login", json={"email": email, "password": PASSWORD})
    return str(answer.raise_for_status().json()["access_token"])


def judged(platform: Running, out: Path, *checks: str) -> tuple[int, Mapping[str, str | None], Mapping[str, str]]:
    """The exit code of the command, and of each check its outcome and why."""
    words = ("run", "--url", platform.url, "--out", str(out), *(word for one in checks for word in ("--only", one)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORM", "COV"))}
    done = subprocess.run(
        (sys.executable, "-P", "-c", MAIN_ENTRY, *words),
        cwd=SUITE,
        env={**kept, "CONFORM_VISITORS": platform.visitors},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    path = out / "latest" / "report.json"
    assert path.is_file(), done.stdout + done.stderr
    files = [text(one) for one in out.rglob("*") if one.is_file()]
    assert not [1 for token in platform.tokens.values() for one in (done.stdout, done.stderr, *files) if token in one]
    report = json_format.parse(text(path))
    found = [one for each in report.requirements for rule in each.criteria for one in rule.checks]
    return done.returncode, {one.id: one.outcome for one in found}, {one.id: one.because for one in found}


def text(path: Path) -> str:
    """What a file holds."""
    return path.read_text(encoding="utf-8", errors="replace")


def test_what_can_be_read_is_judged_and_the_rest_is_undetermined(tmp_path: Path) -> None:
    """Members are shown the costs and unsound tokens are not; whatever needs more than reading says so."""
    shown = [f"{SHOWN}[{n}]" for n in (1, 2, 4)]
    with running(REFERENCE) as platform:
        before = platform.spent()
        code, outcomes, reasons = judged(platform, tmp_path, "CON-API-001", "NFR-SEC-001", MIGRATION)
        assert platform.spent() == before
    assert before["total_cost"] > 0
    assert code == 2
    assert outcomes[CONTRACT] == "passed"
    assert [outcomes[one] for one in shown] == ["passed", "passed", "inconclusive"]
    assert "no token of somebody who is called organisation admin" in reasons[shown[-1]]
    assert [outcomes[f"{UNSOUND}[{n}]"] for n in (1, 2, 3, 4, 5)] == ["passed", "inconclusive", *3 * ["passed"]]
    for one in (f"{RECORDING}[1]", MIGRATION):
        assert outcomes[one] == "inconclusive"
        assert OUT_OF_REACH in reasons[one]


@pytest.mark.parametrize(
    ("entry", "open_to"),
    [("signature-not-verified", [3, 4, 5]), ("costs-read-by-nobody-known", [1, 3, 4, 5])],
)
def test_what_is_open_to_nobody_known_is_found(entry: str, open_to: list[int], tmp_path: Path) -> None:
    """A platform that reads tokens without verifying them, and one that asks for none, both nonconformant."""
    source = seeding.seed(seeding.read(FAULTS / f"{entry}.toml"), tmp_path)
    with running(source) as platform:
        code, outcomes, reasons = judged(platform, tmp_path / "out", *(f"{UNSOUND}[{n}]" for n in (1, 3, 4, 5)))
    assert code == 1
    assert [n for n in (1, 3, 4, 5) if outcomes[f"{UNSOUND}[{n}]"] == "failed"] == open_to, reasons


def test_a_platform_that_goes_away_is_not_blamed(tmp_path: Path) -> None:
    """What lies between could be at fault as well, so nothing follows for the platform."""
    with running(REFERENCE) as platform:
        gone = Running(url=platform.url, project=platform.project, tokens=platform.tokens)
    words = ("run", "--url", gone.url, "--out", str(tmp_path))
    done = subprocess.run(
        (sys.executable, "-P", "-c", MAIN_ENTRY, *words), cwd=SUITE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "nobody answers at http://127.0.0.1" in done.stderr
