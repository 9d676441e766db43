"""Takes every revision of a platform up, down and up again, and compares the schema object by object.

All of it happens on one database of our own. When a revision leaves the schema other than it found it, the database
is emptied and brought back to that revision, so that the next one is not blamed for it. One that does not go up
holds up only those that follow it.
"""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from psycopg import sql

from harness.errors import PlatformMisbehaved
from harness.journal import Journal
from harness.observe import dump, history, scratch
from harness.observe.dump import Schema
from harness.observe.history import Climb, Revision
from harness.observe.scratch import Ground, Scratch

BILLING_TABLES: Final = ("cost_records", "budgets")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """One revision up, down, up: what was different afterwards, or what its own code raised.

    `billing` says that it changes something in the schema of the billing tables.
    """

    revision: Revision
    billing: bool
    differences: tuple[str, ...] = ()
    error: str | None = None

    @property
    def complaints(self) -> tuple[str, ...]:
        """Everything that went otherwise, one line each; empty when the way back is sound."""
        return (*self.differences, *((self.error,) if self.error else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrips:
    """The heads, the round trip of each revision, parents first, and the revisions that could not be reached."""

    heads: tuple[str, ...]
    trips: tuple[RoundTrip, ...]
    unreached: tuple[Revision, ...]
    seconds: float


class Migrations:
    """The instrument of CON-MIG-001: notes the round trips in the journal of the check that is running."""

    def __init__(self, journal: Journal, measurement: RoundTrips) -> None:
        self._journal = journal
        self._measurement = measurement

    def heads(self) -> tuple[str, ...]:
        """The revisions that no other follows."""
        heads = self._measurement.heads
        self._journal.note(
            "migrations", "the history has one head", expected=1, observed=heads, examined=len(self._known())
        )
        return heads

    def round_trips(self) -> tuple[RoundTrip, ...]:
        """Every revision that went up, with what its way back left behind; billing revisions are listed apart."""
        self._note("every revision goes up, down, up", self._measurement.trips)
        self._find_unreached()
        billing = tuple(trip for trip in self._measurement.trips if trip.billing)
        names = tuple(f"{trip.revision.id}: {trip.revision.message}" for trip in billing)
        self._journal.find("migrations", "billing revisions", observed=names, examined=len(billing))
        return self._measurement.trips

    def billing_round_trips(self) -> tuple[RoundTrip, ...]:
        """The revisions among them that change the billing tables."""
        trips = tuple(trip for trip in self._measurement.trips if trip.billing)
        self._note("every billing revision goes up, down, up", trips)
        self._find_unreached()
        return trips

    def _note(self, claim: str, trips: tuple[RoundTrip, ...]) -> None:
        observed = tuple(line for trip in trips for line in trip.complaints)
        seconds = self._measurement.seconds
        self._journal.note("migrations", claim, expected=(), observed=observed, examined=len(trips), seconds=seconds)

    def _find_unreached(self) -> None:
        unreached = self._measurement.unreached
        if unreached:
            names = tuple(revision.id for revision in unreached)
            self._journal.find("migrations", "revisions not reached", observed=names, examined=len(self._known()))

    def _known(self) -> tuple[Revision, ...]:
        return (*(trip.revision for trip in self._measurement.trips), *self._measurement.unreached)


def measure_round_trips(ground: Ground) -> RoundTrips:
    """Try the way back of every revision on an own database; raises PlatformMisbehaved without a readable history."""
    started = time.monotonic()
    with scratch.database(ground, "round trips") as place:
        heads, climb = history.heads(place), Climb(history.revisions(place))
        trips = _Walk(ground, place, climb).trips()
    tried = {trip.revision.id for trip in trips}
    return RoundTrips(
        heads=heads,
        trips=trips,
        unreached=tuple(one for one in climb.left if one.id not in tried),
        seconds=time.monotonic() - started,
    )


class _Walk:
    """The way up through a history, every revision taken back once."""

    def __init__(self, ground: Ground, place: Scratch, climb: Climb) -> None:
        self._ground = ground
        self._place = place
        self._climb = climb

    def trips(self) -> tuple[RoundTrip, ...]:
        """As far as any order gets; one that goes up only after later ones has to answer for what it raised before."""
        trips: dict[str, RoundTrip] = {}
        with suppress(PlatformMisbehaved):  # then each revision tells
            history.prepare(self._place)
        schema = self._schema()
        for revision in self._climb:
            trip, settled = self._trip(revision, schema)
            trips[revision.id] = replace(trip, error=self._climb.refused.get(revision.id, trip.error))
            if settled is None and not self._brought_back():
                break
            schema = self._schema() if settled is None else settled
        return tuple(trips.values())

    def _trip(self, revision: Revision, before: Schema) -> tuple[RoundTrip, Schema | None]:
        """Up, down and up again, and the schema then; None when it is another than the way up alone leaves."""
        broken = history.step(self._place, "up", revision, doing="up to")
        self._climb.went(revision, broken)
        after = self._schema()
        billing = dump.touched(before, after, BILLING_TABLES)
        if broken:
            return RoundTrip(revision=revision, billing=billing, error=broken), after if after == before else None
        differences, error = self._return(revision, before, after)
        trip = RoundTrip(revision=revision, billing=billing, differences=differences, error=error)
        return trip, None if trip.complaints else after

    def _return(self, revision: Revision, before: Schema, after: Schema) -> tuple[tuple[str, ...], str | None]:
        """Down and up again: what differs from before and after, and what the platform raised."""
        error = history.step(self._place, "down", revision, doing="down from")
        if error:
            return (), error
        left = dump.differences(before, self._schema())
        lines = tuple(f"after down of {revision.id}: {line}" for line in left)
        error = history.step(self._place, "up", revision, doing="up again to")
        if error:
            return lines, error
        changed = dump.differences(after, self._schema(), extra="is new")
        return (*lines, *(f"after the second up of {revision.id}: {line}" for line in changed)), None

    def _brought_back(self) -> bool:
        """Empty our database and go straight up again to the revisions that were reached."""
        _empty(self._place)
        if self._climb.postponed:
            # The platform's own order does not get there.
            return all(history.step(self._place, "up", one, doing="back to") is None for one in self._climb.reached)
        followed = {parent for one in self._climb.reached for parent in (*one.down, *one.needs)}
        try:
            for one in self._climb.reached:
                if one.id not in followed:
                    history.upgrade(self._place, one.id)
        except PlatformMisbehaved:
            return False
        return True

    def _schema(self) -> Schema:
        return dump.read(self._ground.server.dump_schema(self._place.name))


def _empty(place: Scratch) -> None:
    """Drop everything in our database."""
    found = place.connection.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
    for (schema,) in found.fetchall():
        place.connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
    place.connection.execute("CREATE SCHEMA public")
