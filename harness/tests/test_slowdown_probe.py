"""A slowdown is told from runs that are what they are said to be, and only where the machine can tell it."""

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import pytest

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Pairs
from harness.observe import processor
from harness.observe.processor import Look, Share, Usage, Wait
from harness.probes.slowdown import Contest, Lap, Measured, Slowdown
from harness.statistics import ratios

CALLS: Final = 3


@dataclass(kw_only=True)
class Runner:
    """Runs as long as it is told to, in milliseconds, and counts how often it did."""

    times: Iterator[float]
    records: Callable[[int], int]
    waited: float = 0.0
    doubtful: float = 0.0
    late: int = 0
    laps: list[str] = field(default_factory=list[str])
    name: str = ""

    def lap(self) -> Lap:
        """Take the next of the times."""
        self.laps.append(self.name)
        milliseconds = next(self.times) + self.waited
        return Lap(
            nanoseconds=round(milliseconds * 1e6),
            waited=round(self.waited * 1e6),
            doubtful=round(self.doubtful * 1e6),
            served=CALLS,
            recorded=self.records(len(self.laps)),
        )

    def recorded(self) -> int:
        """What came late."""
        return self.late


def contest(
    *times: float,
    with_it: Callable[[int], int] = lambda _: CALLS,
    without: Callable[[int], int] = lambda _: 0,
    waited: float = 0.0,
    late: int = 0,
) -> Contest:
    """A platform that takes these times by turns, beside a baseline of 990 to 1010 ms."""
    return Contest(
        with_it=Runner(times=itertools.cycle(times), records=with_it, waited=waited),
        without=Runner(times=itertools.cycle((1000, 990, 1010, 1000)), records=without, late=late),
        calls=CALLS,
        baseline="a baseline of a test",
    )


def drawn(seed: int) -> Random:
    """Orders that are the same in every run of these tests."""
    return Random(seed)  # noqa: S311 - drawn from a seed on purpose


def measured(opened: Contest, journal: Journal | None = None) -> Measured:
    """What is measured of it, against a limit of 5 %."""
    return Slowdown(journal or Journal(), opened, random=drawn(1)).measure(5)


@pytest.mark.parametrize(("times", "side"), [((1010, 1000), "below"), ((1120, 1100), "above")])
def test_a_clear_slowdown_is_told_at_the_first_look(times: tuple[float, float], side: str) -> None:
    """Whichever side it is on."""
    found = measured(contest(*times))
    assert found.longer.side(5) == side
    assert len(found.pairs) == ratios.LOOKS[0]


def test_what_cannot_be_told_is_looked_at_to_the_end() -> None:
    """Thirty pairs that lie on both sides of the limit stay open."""
    found = measured(contest(1000, 1100))
    assert found.longer.side(5) == "either"
    assert len(found.pairs) == ratios.LOOKS[-1]


def test_waiting_for_a_processor_is_not_the_platforms_time() -> None:
    """A platform that stood in line for long is as slow as it worked."""
    assert measured(contest(1010, 1000, waited=400)).longer.side(5) == "below"


def test_what_is_noted_names_the_baseline_and_what_the_machine_can_tell() -> None:
    """The report has the edit, the pairs that count, the noise, the slowdown, and a picture of the pairs."""
    journal = Journal()
    found = measured(contest(1010, 1000), journal)
    observed = [str(reading.observed) for reading in journal.readings]
    assert observed[0] == "a baseline of a test"
    assert f"{found.told:.1f} %" in observed[3]
    assert str(found.longer) in observed[4]
    assert all(reading.examined for reading in journal.readings)
    (figure,) = journal.figures
    assert isinstance(figure, Pairs)
    assert (len(figure.with_it), len(figure.without), figure.limit) == (8, 8, 5)


def test_a_noisy_machine_tells_only_large_slowdowns() -> None:
    """The more a baseline differs from itself, the more a slowdown must differ from the limit."""
    quiet = contest(1000)
    noisy = Contest(
        with_it=quiet.with_it,
        without=Runner(times=itertools.cycle((900, 1100, 1000, 1050)), records=lambda _: 0),
        calls=CALLS,
        baseline="",
    )
    assert 5 < measured(quiet).told < 8
    assert measured(noisy).told > 12


def test_pairs_that_are_not_what_is_compared_do_not_count() -> None:
    """One run of five in which a call was not recorded is left out, and told."""
    journal = Journal()
    found = measured(contest(1010, 1000, with_it=lambda lap: CALLS - (lap % 5 == 0)), journal)
    assert (len(found.pairs), found.discarded) == (8, 1)
    assert (journal.readings[1].observed, journal.readings[1].examined) == (8, 9)


def test_a_contest_of_too_few_pairs_tells_nothing() -> None:
    """Thirty pairs of which hardly any counts are no measurement."""
    with pytest.raises(CannotTell, match="only 7 pairs"):
        measured(contest(1010, 1000, without=lambda lap: int(lap % 4 != 0)))


@pytest.mark.parametrize(
    ("opened", "said"),
    [
        (contest(1000, with_it=lambda _: 1), "the platform recorded 1 of 3 calls, the baseline recorded 0 of 3"),
        (contest(1000, without=lambda _: CALLS), "the baseline recorded 3 of 3 calls"),
    ],
    ids=["a platform that records less", "a baseline that records"],
)
def test_what_is_not_to_be_compared_is_refused_beforehand(opened: Contest, said: str) -> None:
    """With the option that helps."""
    with pytest.raises(CannotTell, match=said) as refused:
        Slowdown(Journal(), opened, random=drawn(1)).warm_up()
    assert "--baseline" in refused.value.hint


def test_a_baseline_that_records_later_is_none() -> None:
    """What it stored when everything was over counts too."""
    with pytest.raises(CannotTell, match="recorded 4 calls after all"):
        measured(contest(1010, 1000, late=4))


def test_each_of_two_runs_is_first_by_turns() -> None:
    """In half of the pairs, and not always in the same half."""
    orders = [_order(drawn(seed)) for seed in range(20)]
    assert all(sorted(order[:2]) == sorted(order[2:]) == [False, True] for order in orders)
    assert len(set(orders)) == 4


def test_only_the_busiest_thread_is_asked_how_long_it_waited() -> None:
    """Others may stand in line for long and hold nothing up; threads may come meanwhile."""
    before = Usage(threads=_shares(main=(50, 10), pump=(10, 900)))
    after = Usage(threads=_shares(main=(51, 500), pump=(15, 2000), worker=(30, 7)))
    assert after.waited_since(before) == 7
    assert Usage(threads={}).waited_since(before) == 0


@pytest.mark.parametrize(
    ("busy", "own", "due"),
    [
        (1600, 200, Wait(surely=400, perhaps=0)),
        (1200, 1100, Wait(surely=50, perhaps=50)),
        (1000, 1000, Wait(surely=0, perhaps=0)),
        (1000, 1010, Wait(surely=0, perhaps=0)),
    ],
    ids=["others were busy", "they were a little", "the platform alone was", "counts are rough"],
)
def test_nobody_waits_for_others_longer_than_they_ran(busy: int, own: int, due: Wait) -> None:
    """A platform that holds itself up, by its children or its database, is as slow as that makes it."""
    assert _waited(busy=busy, own=own, main=(50, 300), backend=(50, 100)) == due


def test_waits_never_take_a_whole_run() -> None:
    """Of two who waited at the same time."""
    assert _waited(busy=9000, own=0, main=(50, 900), backend=(50, 800)) == Wait(surely=700, perhaps=0)


def test_without_an_account_what_others_ran_is_doubtful() -> None:
    """Nothing is taken off, and nothing is blamed that others could have done; on an idle machine they did not."""
    assert _waited(busy=300, own=200) == Wait(surely=0, perhaps=100)
    slow = contest(1120, 1100)
    assert measured(slow).side == "above"
    doubted = Runner(times=itertools.cycle((1120, 1100)), records=lambda _: CALLS, doubtful=100)
    assert measured(Contest(with_it=doubted, without=slow.without, calls=CALLS, baseline="")).side == "either"


def test_our_own_work_keeps_a_processor_busy() -> None:
    """What a process ran is counted, and so is what the machine did."""
    before = processor.busy(), processor.ran([os.getpid()])
    if not before[0]:
        assert processor.busy() == 0
        return
    while processor.ran([os.getpid()]) == before[1]:
        pass
    assert processor.busy() >= before[0]


def test_the_kernels_account_is_read_where_it_keeps_one() -> None:
    """Of our own process; of one that is gone there is none."""
    keeps = Path("/proc/self/schedstat").exists()
    usage = Usage.of([os.getpid()])
    assert any(share.ran > 0 for share in usage.threads.values()) == keeps
    assert not Usage.of([2**22 + 1]).threads


def _waited(*, busy: int, own: int, **threads: tuple[int, int]) -> Wait:
    """What is seen of two processors after a moment, 700 at the longest, where threads each are a party."""
    before = Look(busy=0, own=0, usages=(Usage(threads={}),) * max(1, len(threads)), processors=2)
    parties = tuple(Usage(threads=_shares(**{name: share})) for name, share in threads.items())
    after = Look(busy=busy, own=own, usages=parties or (Usage(threads={}),), processors=2)
    return processor.wait(before, after, longest=700)


def _shares(**threads: tuple[int, int]) -> dict[Path, Share]:
    return {Path(name): Share(ran=ran, waited=waited) for name, (ran, waited) in threads.items()}


def _order(random: Random) -> tuple[bool, ...]:
    """Whether the platform ran first, for four pairs."""
    laps: list[str] = []
    sides = [Runner(times=itertools.repeat(1.0), records=lambda _: 0, laps=laps, name=name) for name in "ab"]
    pairs = Contest(with_it=sides[0], without=sides[1], calls=CALLS, baseline="").pairs(random)
    for _ in range(4):
        next(pairs)
    return tuple(laps[2 * pair] == "a" for pair in range(4))
