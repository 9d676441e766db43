"""Idempotency keys: which report of a cost was already taken."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated
from omoi_os.models.cost_record import CostRecord
from omoi_os.models.user import User


class IdempotencyKey(Dated, Base):
    """One person's name for one report, a digest of what was reported, and the record that came of it."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    cost_record_id: Mapped[int] = mapped_column(ForeignKey(CostRecord.id))
