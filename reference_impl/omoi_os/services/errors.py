"""Refusals: what the platform will not do, each with the HTTP status that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar


class Refusal(Exception):
    """The platform understood and will not do it; the message tells the caller why."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request makes no sense"

    @property
    def members(self) -> Mapping[str, str | float | None]:
        """What a program may want to know beyond the message."""
        return {}


class RequestMakesNoSense(Refusal):
    """What was asked cannot be answered for anybody."""


class CallerUnknown(Refusal):
    """Nobody proved who is asking."""

    status = 401
    slug = "not-authenticated"
    title = "You are not logged in"


class CallerMayNot(Refusal):
    """Who is asking is known and has too small a role."""

    status = 403
    slug = "not-permitted"
    title = "Your role does not permit this"


class NothingThere(Refusal):
    """The thing does not exist, or the caller must not learn that it does."""

    status = 404
    slug = "not-found"
    title = "There is no such thing that you may see"


class StateForbids(Refusal):
    """The request is sound, and what is stored stands against it."""

    status = 409
    slug = "conflict"
    title = "What is stored stands against it"


class ValueRefused(Refusal):
    """A value of the request is out of its range."""

    status = 422
    slug = "invalid"
    title = "A value is not acceptable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """A budget beside what would have been needed of it, in US dollars."""

    scope_type: str
    scope_id: str | None
    limit: Decimal
    spent: Decimal
    reserved: Decimal
    needed: Decimal


class BudgetExceeded(StateForbids):
    """A budget that covers the work has too little left for it."""

    slug = "budget-exceeded"
    title = "A budget has too little left for this"

    def __init__(self, shortage: Shortage) -> None:
        whose = " ".join(filter(None, (shortage.scope_type, shortage.scope_id)))
        super().__init__(
            f"The budget of {whose} allows {shortage.limit} USD; {shortage.spent} are spent, {shortage.reserved} "
            f"reserved by others, and {shortage.needed} would be needed."
        )
        self.shortage = shortage

    @property
    def members(self) -> Mapping[str, str | float | None]:
        """The shortage, with amounts as numbers."""
        amounts = {name: float(getattr(self.shortage, name)) for name in ("limit", "spent", "reserved", "needed")}
        return {"scope_type": self.shortage.scope_type, "scope_id": self.shortage.scope_id, **amounts}
