"""People who can log in."""

from sqlalchemy.orm import Mapped, mapped_column

from omoi_os.models.base import Base, Dated, Keyed


class User(Keyed, Dated, Base):
    """A person, known by an address and a password of which only the hash is kept."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str | None]
    password_hash: Mapped[str]
