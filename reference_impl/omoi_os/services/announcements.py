"""Events that leave when their rows are committed, and not before."""

from typing import cast

from sqlalchemy import event
from sqlalchemy.orm import Session

from omoi_os.models.base import Base
from omoi_os.services.event_bus import Event, EventBusService

PENDING = "announcements"

_Announcement = tuple[Base, Event, EventBusService]


def after_commit(session: Session, row: Base, fact: Event, *, bus: EventBusService | None) -> None:
    """Publish an event about a row once the session commits, provided the row is still part of it."""
    if bus is None:
        return
    if PENDING not in session.info:
        session.info[PENDING] = []
        event.listen(session, "after_commit", _publish)
        event.listen(session, "after_rollback", _forget)
    _pending(session).append((row, fact, bus))


def _publish(session: Session) -> None:
    """Publish what is pending, unless only a savepoint was released."""
    if session.in_nested_transaction():
        return
    announcements = list(_pending(session))
    _pending(session).clear()
    for row, fact, bus in announcements:
        # A row whose savepoint was rolled back is no longer in the session, and its event never happened.
        if row in session:
            bus.publish(fact)


def _forget(session: Session) -> None:
    """Drop what is pending, unless only a savepoint was rolled back."""
    if not session.in_nested_transaction():
        _pending(session).clear()


def _pending(session: Session) -> list[_Announcement]:
    """Return the list of events that wait for this session."""
    return cast("list[_Announcement]", session.info[PENDING])
