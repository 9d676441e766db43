"""Tokens: signed statements of who somebody is."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import jwt

from omoi_os.models.base import utc_now
from omoi_os.services.errors import CallerUnknown

ALGORITHM = "HS256"
REQUIRED_CLAIMS = ["sub", "exp", "iat", "type", "jti"]
ACCESS_LIFETIME = timedelta(minutes=15)
REFRESH_LIFETIME = timedelta(days=7)

TokenType = Literal["access", "refresh"]
LIFETIMES: dict[TokenType, timedelta] = {"access": ACCESS_LIFETIME, "refresh": REFRESH_LIFETIME}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """A short-lived token to act with and a long-lived one to get the next."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class TokenService:
    """Signs and reads tokens with one secret."""

    secret: str

    def issue(self, user_id: str) -> TokenPair:
        """Sign both tokens for a person."""
        return TokenPair(
            access_token=self._sign(user_id, "access"),
            refresh_token=self._sign(user_id, "refresh"),
            expires_in=int(ACCESS_LIFETIME.total_seconds()),
        )

    def read(self, token: str, *, expected: TokenType) -> str:
        """Return whose token it is; raises CallerUnknown for any flaw, without saying which."""
        try:
            claims = jwt.decode(  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
                token, self.secret, algorithms=[ALGORITHM], options={"require": REQUIRED_CLAIMS}
            )
        except jwt.InvalidTokenError as error:
            raise CallerUnknown("The token is not valid.") from error
        if claims["type"] != expected:
            raise CallerUnknown("The token is not valid.")
        return str(claims["sub"])

    def _sign(self, user_id: str, kind: TokenType) -> str:
        """Sign one token."""
        now = utc_now()
        claims = {"sub": user_id, "iat": now, "exp": now + LIFETIMES[kind], "type": kind, "jti": uuid4().hex}
        return jwt.encode(claims, self.secret, algorithm=ALGORITHM)  # pyright: ignore[reportUnknownMemberType] - the library leaves a type open
