"""The database: one engine, and sessions that commit or leave nothing behind."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker


class DatabaseService:
    """Hands out sessions on one database; nothing connects before the first is used."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
        self._open = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def get_session(self) -> Generator[Session]:
        """Lend a session that commits when the block ends well and rolls back when it does not."""
        with self._open.begin() as session:
            yield session

    def new_session(self) -> Session:
        """Return a session that does nothing before it is first used, for whoever commits and closes it themselves."""
        return self._open()

    @contextmanager
    def joined(self, session: Session | None) -> Generator[Session]:
        """Lend the caller's session, whose commit is the caller's, or one of our own."""
        if session is not None:
            yield session
            return
        with self.get_session() as own:
            yield own

    def is_migrated(self) -> bool:
        """Tell whether the tables are there; raises SQLAlchemyError when nobody answers."""
        with self.engine.connect() as connection:
            return connection.scalar(text("SELECT to_regclass('cost_records')")) is not None

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
