"""Steps about the service as its consumers see it."""

import json
from pathlib import Path
from typing import Final

from pytest_bdd import then, when

from harness.journal import Journal
from harness.lane import Assignment
from harness.probes import api_contract
from harness.probes.api_contract import ApiContract
from harness.targets.platform import Platform

BASELINE: Final = "fixtures/baselines/api.json"


@when(
    "the platform's published API description is compared with the baseline of the cost routes",
    target_fixture="contract",
)
def _(platform: Platform, assignment: Assignment, journal: Journal) -> ApiContract:
    baseline = json.loads(Path(assignment.run.suite, BASELINE).read_text(encoding="utf-8"))
    return ApiContract(journal, api_contract.compare(baseline, platform.description()))


@then("nothing that the baseline promises is broken")
def _(contract: ApiContract) -> None:
    breaks = contract.breaks()
    assert not breaks, f"consumers of the cost routes lose: {'; '.join(map(str, breaks))}"
