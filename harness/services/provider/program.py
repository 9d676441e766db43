"""The stub as a program of its own, which is what its image runs: seed and key come from the environment."""

import os
import signal
import threading
from typing import Final

from harness.services.provider.book import Book
from harness.services.provider.remote import Desk
from harness.services.provider.server import StubServer

SEED: Final = "CONFORM_SEED"
KEY: Final = "CONFORM_KEY"
PORT: Final = 8080
READY: Final = "the provider stub listens"


def main() -> None:
    """Serve until somebody ends us."""
    book = Book(os.environ[SEED])
    # In a container: who may reach us there is for its network to say.
    server = StubServer(book, at=("0.0.0.0", PORT), desk=Desk(book, os.environ[KEY]))  # noqa: S104 - as said
    print(READY, flush=True)  # noqa: T201 - that is how its owner knows
    ended = threading.Event()

    def end(_signum: int, _frame: object) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    ended.wait()
    server.close()


if __name__ == "__main__":
    main()
