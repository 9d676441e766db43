"""Steps about what started tasks were promised: theirs till they end, used up by what they cost, then given back."""

from collections.abc import Sequence
from decimal import Decimal

from pytest_bdd import given, parsers, when

from fixtures.promises import End, Promises, Share
from fixtures.workshop import Job
from harness.services.provider.stub import ProviderStub
from steps.budgets import HARDLY_LESS, Attempt, Gate, attempt


@given(
    parsers.re(
        "a task of it that cost (?P<share>less|more) than it was promised "
        "and is (?P<end>completed|failed|broken off|still open), "
        "with (?P<left>exactly|hardly less than) one estimate left"
    )
)
def _(gate: Gate, provider: ProviderStub, left: str, share: Share, end: End) -> None:
    promises, estimates = Promises(gate.guards, provider), Decimal(1) if left == "exactly" else HARDLY_LESS
    promises.spend(gate.post, promises.bill(gate.post, share), end=end, left=estimates)


@when("a task of it is to be started while that one is at work", target_fixture="attempts")
def _(gate: Gate, begun: Job) -> Sequence[Attempt]:
    with gate.guards.workshop.at_work(begun):
        return [attempt(gate, gate.platform.ways_to_start()[0])]
