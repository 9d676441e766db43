"""Tokens minted by the harness: sound ones, so that no check waits for a log-in, and unsound ones to be refused."""

import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import jwt

_LIFETIME: Final = timedelta(hours=6)
# Longer ago than any leeway that a platform may grant to clocks that differ.
_LONG_AGO: Final = timedelta(days=30)
# What is left of a signature is whole groups of four letters: some readers refuse a broken group by chance.
_CUT: Final = 11


def mint(user_id: str, *, secret: str) -> str:
    """An access token for a person, as the platforms' common surface signs it: HS256 with sub, exp, iat, type, jti."""
    return _signed(_claims(user_id, datetime.now(UTC)), secret)


def expired(user_id: str, *, secret: str) -> str:
    """A token of this person that was sound once, and no longer is."""
    return _signed(_claims(user_id, datetime.now(UTC) - _LONG_AGO), secret)


def forged(user_id: str) -> str:
    """A token of this person signed by somebody who does not know the secret."""
    return _signed(_claims(user_id, datetime.now(UTC)), secrets.token_hex(32))


def truncated(user_id: str, *, secret: str) -> str:
    """A token of this person that lost its end on the way."""
    return mint(user_id, secret=secret)[:-_CUT]


def unsigned(user_id: str) -> str:
    """A token of this person that says of itself that it needs no signature."""
    return jwt.encode(dict(_claims(user_id, datetime.now(UTC))), "", algorithm="none")  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open


def lasts(token: str) -> bool:
    """Whether a token says of itself that it is still good."""
    try:
        jwt.decode(token, options={"verify_signature": False, "verify_exp": True})  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
    except jwt.ExpiredSignatureError:
        return False
    except jwt.InvalidTokenError:
        # One that says nothing of itself was taken at the word of whoever gave it.
        return False
    return True


def spoiled(token: str) -> Mapping[str, str]:
    """Unsound tokens that anybody can make of a sound one, by the word for each."""
    cut = {"truncated": token[:-_CUT]}
    try:
        claims = jwt.decode(token, options={"verify_signature": False})  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
    except jwt.InvalidTokenError:
        return cut
    none = jwt.encode(claims, "", algorithm="none")  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
    return {**cut, "forged": _signed(claims, secrets.token_hex(32)), "unsigned": none}


# Every way in which a token may be unsound, by the word for it.
UNSOUND: Final[Mapping[str, Callable[[str, str], str]]] = {
    "expired": lambda user_id, secret: expired(user_id, secret=secret),
    "forged": lambda user_id, _secret: forged(user_id),
    "truncated": lambda user_id, secret: truncated(user_id, secret=secret),
    "unsigned": lambda user_id, _secret: unsigned(user_id),
}


def _claims(user_id: str, issued: datetime) -> Mapping[str, Any]:
    return {"sub": user_id, "iat": issued, "exp": issued + _LIFETIME, "type": "access", "jti": uuid4().hex}


def _signed(claims: Mapping[str, Any], secret: str) -> str:
    return jwt.encode(dict(claims), secret, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
