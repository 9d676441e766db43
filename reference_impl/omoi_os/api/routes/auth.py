"""Registering, logging in, and who one is."""

from fastapi import APIRouter

from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.schemas.accounts import Credentials, Person, Registration, Renewal, Tokens
from omoi_os.models.user import User
from omoi_os.services import accounts
from omoi_os.services.tokens import TokenPair

router = APIRouter(prefix="/auth", tags=["auth"], responses={401: REFUSALS[401]})


@router.post("/register", status_code=201)
def register(asked: Registration, given: ServicesDep, session: SessionDep) -> Tokens:
    """Make an account and log it in."""
    user = accounts.register(session, email=asked.email, password=asked.password, full_name=asked.full_name)
    return _shown(user.id, given.tokens.issue(user.id))


@router.post("/login")
def log_in(asked: Credentials, given: ServicesDep, session: SessionDep) -> Tokens:
    """Trade address and password for tokens."""
    user = accounts.log_in(session, email=asked.email, password=asked.password)
    return _shown(user.id, given.tokens.issue(user.id))


@router.post("/refresh")
def refresh(asked: Renewal, given: ServicesDep, session: SessionDep) -> Tokens:
    """Trade a refresh token for new tokens."""
    user = accounts.known(session, given.tokens.read(asked.refresh_token, expected="refresh"))
    return _shown(user.id, given.tokens.issue(user.id))


@router.get("/me", response_model=Person)
def me(caller: CallerDep, session: SessionDep) -> User:
    """Show who is asking."""
    return accounts.known(session, caller.id)


def _shown(user_id: str, pair: TokenPair) -> Tokens:
    """Show fresh tokens."""
    return Tokens(
        user_id=user_id,
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in=pair.expires_in,
    )
