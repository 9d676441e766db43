"""The outbox: events stored with what they tell of, so that both are kept or neither is."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from omoi_os.models.base import Base
from omoi_os.models.outbox import OutboxEvent
from omoi_os.services.event_bus import Event, EventBusService

# Channels of the database's own notifications: something was committed, and something has its place.
STORED: Final = "outbox_stored"
PLACED: Final = "outbox_placed"
BATCH: Final = 500
# Under this name an instance calls out what it stored or placed itself, so that no other one need look after it.
INSTANCE: Final = uuid4().hex

# Keys of the locks that let one instance at a time do each step.
_PLACING: Final = 7_301_001
_DELIVERING: Final = 7_301_002

# Built once, on the table rather than its class: every cost waits for this.
_PUT = insert(Base.metadata.tables[OutboxEvent.__tablename__]).returning(func.pg_notify(STORED, INSTANCE))

_PLACE = text("""
    UPDATE outbox SET position = place.position
    FROM (
        SELECT id, (SELECT coalesce(max(position), 0) FROM outbox) + row_number() OVER (ORDER BY id) AS position
        FROM outbox WHERE position IS NULL
    ) AS place
    WHERE outbox.id = place.id
    RETURNING pg_notify(:channel, :instance)
""")


def put(session: Session, event: Event, *, project_id: str | None = None) -> None:
    """Store an event in the caller's transaction; its commit, and nothing before, wakes the relays."""
    row = {
        "event_id": event.event_id,
        "event_type": event.event_type,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "project_id": project_id,
        "payload": event.payload,
        "created_at": event.occurred_at,
    }
    session.execute(_PUT, row)


def place(session: Session) -> None:
    """Give every committed event that has none its place, after all earlier ones; another instance may be at it."""
    if _alone(session, _PLACING):
        session.execute(_PLACE, {"channel": PLACED, "instance": INSTANCE})


def deliver(session: Session, bus: EventBusService) -> int:
    """Hand the next batch to the bus and mark it, unless another instance is at it; returns how many, raises BusAway.

    Whoever dies between the two delivers again: an event arrives at least once, always under the same id.
    """
    if not _alone(session, _DELIVERING):
        return 0
    waiting = (OutboxEvent.published_at.is_(None), OutboxEvent.position.is_not(None))
    rows = session.scalars(select(OutboxEvent).where(*waiting).order_by(OutboxEvent.position).limit(BATCH)).all()
    if rows:
        bus.publish([event_of(row) for row in rows])
        delivered = OutboxEvent.id.in_([row.id for row in rows])
        session.execute(update(OutboxEvent).where(delivered).values(published_at=func.clock_timestamp()))
    return len(rows)


def last_position(session: Session) -> int:
    """Return the place of the newest event; whoever reads on from there hears what is still to come."""
    return session.scalar(select(func.coalesce(func.max(OutboxEvent.position), 0))) or 0


def since(session: Session, project_id: str, position: int) -> Sequence[OutboxEvent]:
    """Return the next events of a project after a place, at most a batch of them."""
    later = (OutboxEvent.project_id == project_id, OutboxEvent.position > position)
    return session.scalars(select(OutboxEvent).where(*later).order_by(OutboxEvent.position).limit(BATCH)).all()


def event_of(row: OutboxEvent) -> Event:
    """Read an event back as it was put."""
    return Event(
        event_type=row.event_type,
        entity_type=row.entity_type,
        entity_id=row.entity_id,
        payload=row.payload,
        event_id=row.event_id,
        occurred_at=row.created_at,
    )


def _alone(session: Session, step: int) -> bool:
    """Take a lock that is held until the transaction ends; tells whether nobody else had it."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(step))))
