"""What a request is given: the services, a transaction, and who is asking."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from omoi_os.api.problems import Problem
from omoi_os.api.wiring import Services
from omoi_os.services import accounts
from omoi_os.services.errors import CallerUnknown

BEARER = HTTPBearer(auto_error=False, description="The access token that logging in returns.")
REFUSALS = {401: {"model": Problem}, 403: {"model": Problem}, 404: {"model": Problem}}


async def services(request: Request) -> Services:
    """Return what the platform was started with."""
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(services)]


async def transaction(given: ServicesDep) -> AsyncGenerator[Session]:
    """Lend a session that is committed before the answer leaves, or rolled back with the refusal.

    Only what speaks with the database goes to another thread: each change of threads costs a request time.
    """
    session = given.db.new_session()
    try:
        yield session
    except BaseException:
        await run_in_threadpool(session.close)
        raise
    await run_in_threadpool(_commit, session)


def _commit(session: Session) -> None:
    """Make it last, and give the connection back."""
    with session:
        session.commit()


# The scope makes the commit happen before the answer is sent: success must mean stored.
SessionDep = Annotated[Session, Depends(transaction, scope="function")]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who proved who they are."""

    id: str


Token = Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]


def caller(given: ServicesDep, session: SessionDep, token: Token) -> Caller:
    """Return who is asking; raises CallerUnknown."""
    if token is None:
        raise CallerUnknown("Send an access token in the Authorization header.")
    user_id = given.tokens.read(token.credentials, expected="access")
    accounts.demand_known(session, user_id)
    return Caller(user_id)


def lone_caller(given: ServicesDep, token: Token) -> Caller:
    """Return who is asking, without a session that stays open while the request is worked on."""
    with given.db.get_session() as session:
        return caller(given, session, token)


CallerDep = Annotated[Caller, Depends(caller, scope="function")]
LoneCallerDep = Annotated[Caller, Depends(lone_caller, scope="function")]
