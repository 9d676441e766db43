"""Whether a channel was alive is asked when something did not come on it, not when the channel is closed."""

from pathlib import Path

import pytest

from harness.tests.tiny_suite import RULER, TinySuite

NONCONFORMANT, UNDETERMINED = 1, 2
CHANNEL = """


@pytest.fixture(scope="session")
def wire(channels):
    alive = [True]
    channels.open("wire", address="here", version="1", canary=lambda: bool(alive))
    yield alive
    alive.clear()
"""
SILENCE = "from harness.errors import DidNotCome; {}raise DidNotCome('no sign', channel='wire')"


@pytest.mark.parametrize(
    ("meanwhile", "code", "why"),
    [("", NONCONFORMANT, "sign on wire did come"), ("wire.clear(); ", UNDETERMINED, "did not come either")],
)
def test_the_last_check_of_a_lane_is_judged_like_any_other(tmp_path: Path, meanwhile: str, code: int, why: str) -> None:
    """Its channel is closed with the check, and was alive before, or was not."""
    suite = TinySuite(tmp_path)
    suite.write("fixtures/ruler.py", RULER + CHANNEL)
    suite.then(SILENCE.format(meanwhile))
    lengths = suite.folder / "steps" / "lengths.py"
    lengths.write_text(lengths.read_text().replace("def _(length):", "def _(length, wire):"))
    assert suite.run().code == code
    assert why in suite.told
