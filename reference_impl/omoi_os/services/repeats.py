"""Repeats: a report that is sent again under the same key makes no second record."""

import hashlib
import json
from collections.abc import Callable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from omoi_os.models.cost_record import CostRecord
from omoi_os.models.idempotency_key import IdempotencyKey
from omoi_os.services.errors import StateForbids


def once(
    session: Session, name: tuple[str, str], request: Mapping[str, object], *, record: Callable[[], CostRecord]
) -> CostRecord:
    """Record, unless this person already reported the same under this key; then return what was recorded then.

    `name` is the person and their key. Raises StateForbids when the key was used for something else.
    """
    _alone(session, name)
    digest = _digest(request)
    known = session.get(IdempotencyKey, name)
    if known is None:
        recorded = record()
        session.add(IdempotencyKey(user_id=name[0], key=name[1], request_digest=digest, cost_record_id=recorded.id))
        return recorded
    if known.request_digest != digest:
        raise StateForbids("Something else was reported under this Idempotency-Key.")
    return session.get_one(CostRecord, known.cost_record_id)


def _alone(session: Session, name: tuple[str, str]) -> None:
    """Wait until no other transaction, of whichever instance, is at the same key."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("\n".join(name), 0))))


def _digest(request: Mapping[str, object]) -> str:
    """Return what tells one report from another."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
