"""The provider stub in a container: it keeps its book there, and we read it with a key that nobody else has."""

import secrets
from typing import Final, Self

from harness.services.containers import naming
from harness.services.containers.container import Cargo, Container
from harness.services.containers.dock import Dock
from harness.services.port import on_free_port
from harness.services.provider import program
from harness.services.provider.remote import RemoteBook
from harness.services.provider.stub import ProviderStub

READY_SECONDS: Final = 30.0


class ContainerProvider(ProviderStub):
    """A provider stub; see ProviderStub for its verbs. Use it in a `with`, or close it."""

    def __init__(self, container: Container, *, seed: str, key: str) -> None:
        super().__init__(seed, elsewhere=RemoteBook(container.address, key))
        self.container = container

    @classmethod
    def start(cls, dock: Dock, seed: str) -> Self:
        """Start one whose counts are drawn from this seed; raises ServiceDidNotStart."""
        key = secrets.token_hex(16)
        cargo = Cargo(
            what="the provider stub",
            image=naming.image("provider"),
            argv=("python3", "-m", program.__name__),
            env={program.SEED: seed, program.KEY: key, "PYTHONUNBUFFERED": "1"},
            port=program.PORT,
            secrets=(key,),
        )
        container = on_free_port(lambda port: Container.start(dock, cargo, port=port))
        if not container.await_words(program.READY, READY_SECONDS):
            raise container.did_not_start()
        return cls(container, seed=seed, key=key)

    def close(self) -> None:
        """End every conversation, and take the stub away with its book."""
        self.container.remove()
