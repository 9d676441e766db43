"""Tokens minted by the harness, so that no check waits for a log-in or trips over its limits."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import jwt

_LIFETIME: Final = timedelta(hours=6)


def mint(user_id: str, *, secret: str) -> str:
    """An access token for a person, as the platforms' common surface signs it: HS256 with sub, exp, iat, type, jti."""
    now = datetime.now(UTC)
    claims = {"sub": user_id, "iat": now, "exp": now + _LIFETIME, "type": "access", "jti": uuid4().hex}
    return jwt.encode(claims, secret, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
