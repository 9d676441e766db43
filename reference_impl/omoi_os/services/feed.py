"""The feed: wakes everybody who follows events as they happen."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Bell:
    """One follower's bell, which rings once for everything that happened since it was last waited for."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring, that long at most; tells whether there was one."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), seconds)
        was_rung = self.rung.is_set()
        self.rung.clear()
        return was_rung


class Feed:
    """The bells of everybody who follows at this instance."""

    def __init__(self) -> None:
        self.closed = False
        self._bells: frozenset[Bell] = frozenset()

    @contextmanager
    def bell(self) -> Generator[Bell]:
        """Lend a bell to a follower in the running event loop."""
        bell = Bell()
        self._bells |= {bell}
        try:
            yield bell
        finally:
            self._bells -= {bell}

    def ring(self) -> None:
        """Wake every follower; any thread and any signal may call this."""
        for bell in self._bells:
            # A loop that has ended has no followers left to wake.
            with suppress(RuntimeError):
                bell.loop.call_soon_threadsafe(bell.rung.set)

    def close(self) -> None:
        """Tell every follower that nothing more will come."""
        self.closed = True
        self.ring()
