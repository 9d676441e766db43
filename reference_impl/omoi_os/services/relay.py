"""The relay: takes events from the outbox to the bus, in order, whatever is away in between."""

import logging
import time
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import Final

import psycopg
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from omoi_os.services import outbox
from omoi_os.services.database import DatabaseService
from omoi_os.services.event_bus import BusAway, EventBusService
from omoi_os.services.notices import Notices

log = logging.getLogger(__name__)

# Notices tell an instance of its own news at once; looking by itself picks up what a dead instance left behind.
LOOK_SECONDS: Final = 1.0
RETRY_SECONDS: Final = 0.5
# A lone event leaves at once; of a burst, which leaves its callers little time to spare, many leave together.
APART_SECONDS: Final = 0.1
EVERYTHING: Final = frozenset({outbox.STORED, outbox.PLACED})


class Relay:
    """One thread of an instance; of several instances on one database one works at a time."""

    def __init__(self, db: DatabaseService, bus: EventBusService, *, placed: Callable[[], None]) -> None:
        """`placed` is called, from the relay's thread, whenever new events can be read in order."""
        self._db = db
        self._bus = bus
        self._placed = placed
        self._ending = Flag()
        self._bus_is_away = False
        self._silent_until = 0.0
        self._placed_at = 0.0
        self._thread = Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        """Begin, with whatever still waits."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand; what then waits is delivered by another instance or the next start."""
        self._ending.set()
        try:
            with self._db.get_session() as session:
                session.execute(select(func.pg_notify(outbox.STORED, "")))
        except SQLAlchemyError as error:
            log.info("the relay ends unwoken: %s", error)
        self._thread.join()

    def _run(self) -> None:
        """Work until told to end, starting over whenever the database went away."""
        while not self._ending.is_set():
            try:
                with Notices(self._db, EVERYTHING) as notices:
                    self._follow(notices)
            except (psycopg.Error, SQLAlchemyError) as error:
                log.warning("the relay lost the database and tries again: %s", str(error).splitlines()[0])
                self._ending.wait(RETRY_SECONDS)
            except Exception:
                # Whatever it was, a relay that ends silently would be worse.
                log.exception("the relay failed and tries again")
                self._ending.wait(RETRY_SECONDS)

    def _follow(self, notices: Notices) -> None:
        """Do each step when this instance's own notice comes, and both where it has not looked for a while."""
        heard = frozenset((channel, outbox.INSTANCE) for channel in EVERYTHING)
        looked_at = time.monotonic()
        while not self._ending.is_set():
            own = {channel for channel, instance in heard if instance == outbox.INSTANCE}
            if looking := time.monotonic() - looked_at >= LOOK_SECONDS:
                looked_at = time.monotonic()
            if outbox.STORED in own or looking:
                self._place()
            if any(channel == outbox.PLACED for channel, _ in heard):
                self._placed()
            if outbox.PLACED in own or looking:
                self._deliver()
            heard = notices.heard(max(0.0, looked_at + LOOK_SECONDS - time.monotonic()))

    def _place(self) -> None:
        """Put new events in order, not too soon after the last ones; every instance hears of it."""
        self._ending.wait(max(0.0, self._placed_at + APART_SECONDS - time.monotonic()))
        self._placed_at = time.monotonic()
        with self._db.get_session() as session:
            outbox.place(session)

    def _deliver(self) -> None:
        """Hand over batch after batch; a bus that is away is left alone for a while."""
        if time.monotonic() < self._silent_until:
            return
        try:
            while self._deliver_batch() == outbox.BATCH:
                pass
        except BusAway as error:
            self._note(f"the bus is away, events wait in the outbox: {error}", away=True)
            self._silent_until = time.monotonic() + RETRY_SECONDS
        else:
            self._note("the bus is back and has every event that waited", away=False)

    def _note(self, words: str, *, away: bool) -> None:
        """Log when the bus goes and when it comes, and not in between."""
        if away is not self._bus_is_away:
            log.warning(words)
        self._bus_is_away = away

    def _deliver_batch(self) -> int:
        """Hand over one batch in a transaction of its own; returns its size."""
        with self._db.get_session() as session:
            return outbox.deliver(session, self._bus)
