"""Accounts: registering and proving who one is."""

from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from omoi_os.models.user import User
from omoi_os.services import passwords
from omoi_os.services.errors import CallerUnknown, StateForbids


def register(session: Session, *, email: str, password: str, full_name: str | None) -> User:
    """Store a new person; raises StateForbids when the address is taken."""
    user = User(email=email.lower(), full_name=full_name, password_hash=passwords.hashed(password))
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise StateForbids("Somebody is registered under this address.") from error
    return user


def log_in(session: Session, *, email: str, password: str) -> User:
    """Return who has this address and password; raises CallerUnknown without saying which was wrong."""
    user = session.scalar(select(User).where(User.email == email.lower()))
    if not passwords.matches(password, user.password_hash if user else None) or user is None:
        raise CallerUnknown("Address or password is wrong.")
    return user


def known(session: Session, user_id: str) -> User:
    """Return a person by key; raises CallerUnknown when there is none."""
    user = session.get(User, user_id)
    if user is None:
        raise CallerUnknown("The token is not valid.")
    return user


def demand_known(session: Session, user_id: str) -> None:
    """Raise CallerUnknown unless there is such a person."""
    if session.scalar(_KNOWN, {"user_id": user_id}) is None:
        raise CallerUnknown("The token is not valid.")


# Built once, since every request asks this.
_KNOWN: Final = select(User.id).where(User.id == bindparam("user_id"))
