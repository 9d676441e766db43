"""A run shared out among shards: which part of the selection each of them judges."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.errors import Misuse
from harness.model import Check, Lane, Requirement, Shard

# How long a check of each lane takes beside the others; one that measures time waits for the machine to be quiet.
WEIGHTS: Final[Mapping[Lane, int]] = {"source": 5, "service": 1, "fresh": 5, "quiet": 30}


def read(words: str) -> Shard:
    """Read `K/N`; Misuse when it is none."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", words)
    if not found or int(found[1]) > int(found[2]):
        raise Misuse(f"{words} is no shard", hint="write K/N, such as 1/3, 2/3 and 3/3")
    return Shard(number=int(found[1]), of=int(found[2]))


def part(shard: Shard, requirements: Sequence[Requirement], required: Sequence[Check]) -> tuple[Requirement, ...]:
    """Give the requirements of a shard, in their order, of those that are shared out with their required checks.

    A chapter is never divided, since its features look at the same things, which are measured once. The heaviest
    chapters come first, each to the shard that has least so far. Raises Misuse where a shard would have nothing.
    """
    weights = _weights(requirements, required)
    if shard.of > len(weights):
        raise Misuse(
            f"{len(weights)} chapters cannot be shared out among {shard.of} shards",
            hint="a chapter is a folder below features/, and never divided: ask for fewer shards",
        )
    mine = _dealt(weights, shard.of)[shard.number - 1]
    return tuple(one for one in requirements if one.chapter in mine)


def narrowed(chosen: Iterable[str], requirements: Iterable[Requirement]) -> tuple[str, ...]:
    """Give the part of a selection that lies in these requirements; all of them where nothing was selected."""
    ids = tuple(one.id for one in requirements)
    return tuple(one for one in chosen if any(_lies_in(one, each) for each in ids)) or ids


def touched(chosen: Sequence[str], requirements: Iterable[Requirement]) -> tuple[Requirement, ...]:
    """Give the requirements in which anything of a selection lies; all where nothing was selected."""
    return tuple(each for each in requirements if not chosen or any(_lies_in(one, each.id) for one in chosen))


def _weights(requirements: Sequence[Requirement], required: Iterable[Check]) -> dict[str, int]:
    chapters = {criterion.id: each.chapter for each in requirements for criterion in each.criteria}
    # Also a chapter without any check takes a shard's time.
    weights = dict.fromkeys((each.chapter for each in requirements), 1)
    for check in required:
        weights[chapters[check.id.partition("/")[0]]] += WEIGHTS[check.needs]
    return weights


def _dealt(weights: Mapping[str, int], shards: int) -> tuple[frozenset[str], ...]:
    hands: list[set[str]] = [set() for _ in range(shards)]
    loads = [0] * shards
    for chapter in sorted(weights, key=lambda name: (-weights[name], name)):
        lightest = loads.index(min(loads))
        hands[lightest].add(chapter)
        loads[lightest] += weights[chapter]
    return tuple(map(frozenset, hands))


def _lies_in(chosen: str, requirement: str) -> bool:
    return chosen == requirement or chosen.startswith(f"{requirement}.")
