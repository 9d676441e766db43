"""What a request is given: the services, a transaction, and who is asking."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from omoi_os.api.problems import Problem
from omoi_os.api.wiring import Services
from omoi_os.services import accounts
from omoi_os.services.errors import CallerUnknown

P = ParamSpec("P")
R = TypeVar("R")

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


async def claimant(
    given: ServicesDep, token: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]
) -> Caller:
    """Return whom the token names, be they still known or not; raises CallerUnknown."""
    if token is None:
        raise CallerUnknown("Send an access token in the Authorization header.")
    return Caller(given.tokens.read(token.credentials, expected="access"))


ClaimantDep = Annotated[Caller, Depends(claimant)]


def caller(session: SessionDep, claimed: ClaimantDep) -> Caller:
    """Return who is asking; raises CallerUnknown."""
    accounts.demand_known(session, claimed.id)
    return claimed


def lone_caller(given: ServicesDep, claimed: ClaimantDep) -> Caller:
    """Return who is asking, without a session that stays open while the request is worked on."""
    with given.db.get_session() as session:
        return caller(session, claimed)


CallerDep = Annotated[Caller, Depends(caller, scope="function")]
LoneCallerDep = Annotated[Caller, Depends(lone_caller, scope="function")]


def threaded(route: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """Run a route in another thread and build its answer in the loop, which spares a change of threads."""

    @wraps(route)
    async def running(*args: P.args, **kwargs: P.kwargs) -> R:
        return await run_in_threadpool(route, *args, **kwargs)

    return running
