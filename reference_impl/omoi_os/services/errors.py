"""Refusals: what the platform will not do, each with the HTTP status that says so."""

from typing import ClassVar


class Refusal(Exception):
    """The platform understood and will not do it; the message tells the caller why."""

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request makes no sense"


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
