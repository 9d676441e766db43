"""Finds by label what runs left in the engine, and removes it: containers first, then networks and volumes.

Run as a program with the folder of a run, which is how a janitor calls it.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Final

from harness.services import janitor
from harness.services.containers import engine, naming
from harness.services.containers.dock import machine
from harness.services.containers.engine import Engine, EngineFailed, told

# A request that a killed run had sent may still be carried out.
SETTLE_SECONDS: Final = 1.0
TRIES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One thing in the engine that a run left, and how to remove it."""

    name: str
    kind: str
    handle: Any

    def remove(self) -> None:
        """Take it away; one that is gone, or still in use, is left to the next look."""
        from docker.errors import APIError  # noqa: PLC0415 - see Engine.connect

        with suppress(APIError):
            match self.kind:
                case "container":
                    self.handle.remove(force=True, v=True)
                case "network":
                    self.handle.remove()
                case _:
                    self.handle.remove(force=True)


def sweep(opened: Engine, folder: str) -> None:
    """Remove everything of one run, until a second look finds nothing."""
    seen_none = False
    for _ in range(TRIES):
        found = tuple(of_run(opened, folder))
        for one in found:
            one.remove()
        if not found and seen_none:
            return
        seen_none = not found
        time.sleep(SETTLE_SECONDS if not found else 0.1)


def of_run(opened: Engine, folder: str) -> Iterator[Leftover]:
    """What is marked with the folder of a run."""
    yield from _labelled(opened, f"{naming.WORKSPACE}={folder}")


def all_orphans() -> tuple[Leftover, ...]:
    """What runs of this machine left whose owners are gone; nothing where no engine answers."""
    if not engine.is_likely():
        return ()
    with suppress(EngineFailed), closing(Engine.connect()) as opened:
        return _orphans(opened)
    return ()


def clean_orphans() -> tuple[Leftover, ...]:
    """Remove what such runs left; gives what is gone."""
    if not engine.is_likely():
        return ()
    with suppress(EngineFailed), closing(Engine.connect()) as opened:
        found = _orphans(opened)
        for one in found:
            one.remove()
        left = {one.name for one in _orphans(opened)}
        return tuple(one for one in found if one.name not in left)
    return ()


def _orphans(opened: Engine) -> tuple[Leftover, ...]:
    marked = _labelled(opened, f"{naming.MACHINE}={machine()}")
    return tuple(one for one in marked if not _owned(_labels(one.handle)))


def _labelled(opened: Engine, label: str) -> Iterator[Leftover]:
    client, which = opened.client, {"label": label}
    with told("the engine could not be searched"):
        # In this order: what is in use cannot be removed.
        for one in client.containers.list(all=True, filters=which, ignore_removed=True):
            yield Leftover(name=one.name, kind="container", handle=one)
        for one in client.networks.list(filters=which):
            yield Leftover(name=one.name, kind="network", handle=one)
        for one in client.volumes.list(filters=which):
            yield Leftover(name=one.name, kind="volume", handle=one)


def _labels(handle: Any) -> Mapping[str, str]:
    attrs: Mapping[str, Any] = handle.attrs
    return attrs.get("Labels") or attrs.get("Config", {}).get("Labels") or {}


def _owned(labels: Mapping[str, str]) -> bool:
    """Whether the process that made it still runs."""
    pid, _, born = labels.get(naming.OWNER, "").partition(" ")
    return pid.isdigit() and janitor.birth(int(pid)) == born != ""


if __name__ == "__main__":
    sweep(Engine.connect(), sys.argv[1])
