"""The verdict on speed is right on a quiet machine, and on a restless one right or none."""

from collections.abc import Callable
from random import Random
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Distribution
from harness.probes.latency import Ask, Control, Demand, Latency, Standing

MS: Final = 1_000_000
RECORDING: Final = Demand(quantile=0.99, limit_ms=50, calls=1000)
SUMMARY: Final = Demand(quantile=0.95, limit_ms=200, calls=150)
WORK: Final = {"platform": 5.0, "control": 2.0}
SEEDS: Final = range(8)

Machine = Callable[[float], float]


def _quiet(random: Random) -> Machine:
    return lambda work: work * random.uniform(1, 1.4)


def _busy(random: Random) -> Machine:
    """Somebody else wants the processor too: everything takes up to three times as long, some of it much longer."""
    return lambda work: work * random.uniform(1, 3) + (random.uniform(0, 20) if random.random() < 0.1 else 0)


def _crowded(random: Random) -> Machine:
    """Many others share the processor: everything takes several times as long, and at times much longer."""
    return lambda work: work * random.lognormvariate(1.6, 0.9)


def _timed(machine: Machine, work: float, *, extra: Callable[[], float] = float) -> Ask:
    """A call that works for so many milliseconds, and takes some more that are nobody's fault but its own."""
    return lambda: round((machine(work) + extra()) * MS)


def _measured(
    make: Callable[[Random], Machine],
    demand: Demand,
    *,
    seed: int = 1,
    extra: Callable[[], float] = float,
    work: float = 5,
) -> tuple[Standing, Journal]:
    machine, journal = make(Random(seed)), Journal()  # noqa: S311 - drawn from a seed on purpose
    plain = _timed(machine, WORK["control"])
    latency = Latency(journal, Control(plain=plain, slow=lambda wait: plain() + wait * MS), {})
    (standing,) = latency.measure(demand, {"a call": _timed(machine, work, extra=extra)})
    return standing, journal


@pytest.mark.parametrize("demand", [RECORDING, SUMMARY])
def test_a_quick_platform_is_within_after_two_looks(demand: Demand) -> None:
    """What is seen is noted and drawn, control and all."""
    standing, journal = _measured(_quiet, demand)
    assert standing.side == "within", standing
    assert [one.examined for one in journal.readings] == [demand.calls * 7 // 10]
    ours, drawn = [one for one in journal.figures if isinstance(one, Distribution)]
    assert (ours.title, drawn.title) == ("our own server meanwhile", "a call")
    assert len(drawn.values) == demand.calls * 7 // 10
    assert drawn.high is not None
    assert drawn.low < drawn.high < drawn.limit == demand.limit_ms


@pytest.mark.parametrize("make", [_quiet, _busy])
@pytest.mark.parametrize("seed", SEEDS)
def test_sixty_milliseconds_too_many_are_seen_at_once(make: Callable[[Random], Machine], seed: int) -> None:
    """A first look is enough, on a busy machine too."""
    standing, journal = _measured(make, RECORDING, seed=seed, extra=lambda: 60)
    assert standing.side == "over", standing
    assert [one.examined for one in journal.readings] == [RECORDING.calls // 10]


@pytest.mark.parametrize("make", [_quiet, _busy, _crowded])
@pytest.mark.parametrize("extra", [0, 10])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_machine_is_never_the_platform_s_fault(make: Callable[[Random], Machine], extra: int, seed: int) -> None:
    """However restless it is, nobody who is in time on a quiet one is over."""
    standing, _ = _measured(make, RECORDING, seed=seed, extra=lambda: extra)
    assert standing.side == ("unclear" if make is _crowded else "within"), standing


@pytest.mark.parametrize("work", [5, 15, 25])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_has_more_to_do_is_held_up_more(work: float, seed: int) -> None:
    """A platform that works ten times as much as our control is not over because it is held up ten times as long."""
    standing, _ = _measured(_crowded, RECORDING, seed=seed, work=work)
    assert standing.side == "unclear", standing


def test_what_is_too_slow_now_and_then_is_seen_on_a_quiet_machine() -> None:
    """Three calls of a hundred are more than one of a hundred."""
    random = Random(3)  # noqa: S311 - drawn from a seed on purpose
    standing, _ = _measured(_quiet, RECORDING, extra=lambda: 120 if random.random() < 0.03 else 0)
    assert standing.side == "over", standing


def test_what_is_too_close_to_call_is_unclear() -> None:
    """One call of a hundred is on the edge: after every batch nothing is said."""
    random = Random(4)  # noqa: S311 - drawn from a seed on purpose
    standing, journal = _measured(_quiet, RECORDING, extra=lambda: 120 if random.random() < 0.01 else 0)
    assert standing.side == "unclear", standing
    assert [one.examined for one in journal.readings] == [RECORDING.calls * 5]


def test_nothing_is_told_by_a_clock_that_sees_no_delay() -> None:
    """Our own server is slow on purpose, and that must show."""
    latency = Latency(Journal(), Control(plain=lambda: MS, slow=lambda _: MS), {})
    with pytest.raises(CannotTell, match="slower than 50 ms on purpose"):
        latency.measure(RECORDING, {"a call": lambda: MS})


def test_operations_are_measured_until_each_is_settled() -> None:
    """The quick one is not asked again while another is still open."""
    random, asked = Random(5), {"quick": 0, "close": 0}  # noqa: S311 - drawn from a seed on purpose

    def ask(title: str, took: Callable[[], int]) -> Ask:
        def one() -> int:
            asked[title] += 1
            return took()

        return one

    asks = {
        "quick": ask("quick", lambda: 5 * MS),
        "close": ask("close", lambda: 250 * MS if random.random() < 0.05 else 5 * MS),
    }
    latency = Latency(Journal(), Control(plain=lambda: MS, slow=lambda wait: wait * MS), {})
    sides = {one.title: one.side for one in latency.measure(SUMMARY, asks)}
    assert sides == {"quick": "within", "close": "unclear"}
    assert asked["quick"] < 200
    assert asked["close"] > 450
