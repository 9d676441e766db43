"""How much longer work takes with cost tracking than without it: pairs of runs by turns, until the machine can tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from statistics import median
from typing import Final, Protocol

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Pairs
from harness.statistics import ratios
from harness.statistics.ratios import Longer, Side

INSTRUMENT: Final = "slowdown"
HINT: Final = "name a version of the platform without cost tracking by --baseline"
_NANOSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One run of the work: how long it took, how many calls a provider served to it, how many were recorded.

    `waited` is how much of that time the platform could have worked, and others had the processors; of `doubtful` more
    nobody knows.
    """

    nanoseconds: int
    waited: int
    doubtful: int = 0
    served: int
    recorded: int

    @property
    def milliseconds(self) -> float:
        """How long it took the platform: what it had to wait for a processor is the machine's, not its own."""
        return max(1, self.nanoseconds - self.waited) / _NANOSECONDS

    @property
    def least(self) -> float:
        """How many milliseconds it took at least, whatever is doubtful."""
        return max(1, self.nanoseconds - self.waited - self.doubtful) / _NANOSECONDS


class Runner(Protocol):
    """A platform that does the work once more, always alike."""

    def lap(self) -> Lap:
        """Do it, and look up what was served and recorded."""
        ...

    def recorded(self) -> int:
        """How many calls of all its runs are recorded by now."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two runs, one right after the other."""

    with_it: Lap
    without: Lap


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A platform, the same without cost tracking (`baseline` says what that is), and the calls of every run."""

    with_it: Runner
    without: Runner
    calls: int
    baseline: str

    def warm_up(self) -> None:
        """Let each run once for nothing; CannotTell unless one records every call and the other none."""
        pair = Pair(with_it=self.with_it.lap(), without=self.without.lap())
        if not self.counts(pair):
            raise CannotTell(
                f"a run with cost tracking and one without are not what is compared: {self._told(pair)}",
                hint=HINT,
            )

    def counts(self, pair: Pair) -> bool:
        """Whether both runs had all their calls, of which one recorded each and the other none."""
        served = {pair.with_it.served, pair.without.served, pair.with_it.recorded}
        return served == {self.calls} and not pair.without.recorded

    def pairs(self, random: Random) -> Iterator[Pair]:
        """Pair after pair; which of the two runs first is drawn for one pair, and is the other one in the next."""
        while True:
            first = random.random() < 1 / 2
            for with_it_first in (first, not first):
                yield self._pair(with_it_first=with_it_first)

    def _pair(self, *, with_it_first: bool) -> Pair:
        if with_it_first:
            return Pair(with_it=self.with_it.lap(), without=self.without.lap())
        without = self.without.lap()
        return Pair(with_it=self.with_it.lap(), without=without)

    def _told(self, pair: Pair) -> str:
        sides = (("the platform", pair.with_it), ("the baseline", pair.without))
        return ", ".join(f"{who} recorded {lap.recorded} of {lap.served} calls" for who, lap in sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The pairs that count, by how much longer the work took with it, and the same for the baseline beside itself."""

    pairs: tuple[Pair, ...]
    discarded: int
    limit: float
    longer: Longer
    noise: Longer

    @property
    def side(self) -> Side:
        """On which side of the limit the slowdown lies."""
        return _side(self.pairs, self.limit)

    @property
    def told(self) -> float:
        """The smallest slowdown, in percent, that this machine could tell from the limit."""
        noise = max(1 + self.noise.high / 100, 1 / (1 + self.noise.low / 100))
        return 100 * ((1 + self.limit / 100) * noise - 1)


def measure(contest: Contest, *, limit: float, random: Random) -> Measured:
    """Run pairs until the interval of the slowdown excludes the limit (in percent), or there were enough of them."""
    counted: list[Pair] = []
    discarded = 0
    for pair in islice(contest.pairs(random), ratios.LOOKS[-1]):
        if not contest.counts(pair):
            discarded += 1
            continue
        counted.append(pair)
        if len(counted) in ratios.LOOKS and _side(counted, limit) != "either":
            break
    _demand(contest, counted)
    noise = ratios.beside_itself([pair.without.milliseconds for pair in counted])
    longer = _longer(counted)
    return Measured(pairs=tuple(counted), discarded=discarded, limit=limit, longer=longer, noise=noise)


class Slowdown:
    """The instrument of the slowdown."""

    def __init__(self, journal: Journal, contest: Contest, *, random: Random) -> None:
        self._journal = journal
        self._contest = contest
        self._random = random

    def warm_up(self) -> None:
        """Let both run once for nothing, which shows that they are what is compared; nothing is noted."""
        self._contest.warm_up()

    def measure(self, limit: float) -> Measured:
        """Measure, note what was compared and how well this machine can tell, and draw the pairs."""
        measured = measure(self._contest, limit=limit, random=self._random)
        pairs = len(measured.pairs)
        note = self._journal.note
        note(INSTRUMENT, "what is meant by without cost tracking", observed=self._contest.baseline, examined=1)
        claim = "pairs of runs that served every call, of which one recorded each and the other none"
        note(INSTRUMENT, claim, observed=pairs, examined=pairs + measured.discarded)
        claim = "the platform and its database stood in line for a processor, which is taken off"
        note(INSTRUMENT, claim, observed=_waits(measured), examined=2 * pairs)
        claim = "the baseline beside itself, and the smallest slowdown that this machine could tell"
        note(INSTRUMENT, claim, observed=f"{measured.noise}; {measured.told:.1f} %", examined=pairs)
        claim = "a run takes longer with cost tracking"
        note(INSTRUMENT, claim, observed=_words(measured), expected=f"below {limit:g} %", examined=pairs)
        self._journal.draw(_figure(measured))
        return measured


def _demand(contest: Contest, counted: Sequence[Pair]) -> None:
    if len(counted) < ratios.LOOKS[0]:
        raise CannotTell(f"only {len(counted)} pairs of runs had all their calls, recorded by one and not by the other")
    if late := contest.without.recorded():
        raise CannotTell(f"the baseline has recorded {late} calls after all, so it is none without cost tracking")


def _longer(pairs: Sequence[Pair]) -> Longer:
    return ratios.longer([(pair.with_it.milliseconds, pair.without.milliseconds) for pair in pairs])


def _side(pairs: Sequence[Pair], limit: float) -> Side:
    """On which side of the limit a slowdown lies; it is not above while what is doubtful could explain it."""
    side = _longer(pairs).side(limit)
    if side != "above":
        return side
    surely = ratios.longer([(pair.with_it.least, pair.without.milliseconds) for pair in pairs])
    return "above" if surely.side(limit) == "above" else "either"


def _words(measured: Measured) -> str:
    with_it, without = (median(values) for values in (_figure(measured).with_it, _figure(measured).without))
    return f"{measured.longer} ({with_it:.0f} ms with it, {without:.0f} ms without, by the median)"


def _waits(measured: Measured) -> str:
    sides = (
        ("with", [pair.with_it.waited for pair in measured.pairs]),
        ("without", [pair.without.waited for pair in measured.pairs]),
    )
    return ", ".join(f"{median(waits) / _NANOSECONDS:.0f} ms {side} cost tracking" for side, waits in sides)


def _figure(measured: Measured) -> Pairs:
    return Pairs(
        title="Spec runs with and without cost tracking",
        unit="ms",
        with_it=tuple(pair.with_it.milliseconds for pair in measured.pairs),
        without=tuple(pair.without.milliseconds for pair in measured.pairs),
        low=measured.longer.low,
        high=measured.longer.high,
        limit=measured.limit,
    )
