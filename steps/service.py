"""Steps about the service as its consumers see it."""

import pytest
from pytest_bdd import then, when

from harness.probes.api_contract import ApiContract


@when(
    "the platform's published API description is compared with the baseline of the cost routes",
    target_fixture="contract",
)
def _(request: pytest.FixtureRequest) -> ApiContract:
    # Asked for in the step, not as an argument: here a description that cannot be had is the platform's failure.
    return request.getfixturevalue("api_contract")


@then("nothing that the baseline promises is broken")
def _(contract: ApiContract) -> None:
    breaks = contract.breaks()
    assert not breaks, f"consumers of the cost routes lose: {'; '.join(map(str, breaks))}"
