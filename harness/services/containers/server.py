"""What every server of ours in a container has in common: the verbs of Server, and how it comes up."""

from typing import Final

from harness.services.containers.container import Container

SERVE: Final = "/usr/local/bin/serve"
STOP_SECONDS: Final = 10.0


class ContainedServer:
    """A server in a container; see Server for its verbs."""

    def __init__(self, container: Container, *, ready: str, seconds: float) -> None:
        self.container = container
        self._ready = ready
        self._seconds = seconds
        self._await_words()

    @property
    def address(self) -> str:
        """`host:port`, without secrets."""
        return self.container.address

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return self.container.alive

    def stop(self) -> None:
        """End it in order; open connections are closed."""
        if self.alive:
            self.container.stop(STOP_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.container.kill()

    def pause(self) -> None:
        """Freeze it: connections stay open, nobody answers."""
        self.container.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.container.resume()

    def cut(self) -> None:
        """Take it off the network: it runs on, and nobody reaches it."""
        self.container.cut()

    def mend(self) -> None:
        """Put it back on the network at the same address."""
        self.container.mend()

    def restart(self) -> None:
        """Bring it back at the same address with the same data, whether it runs or not."""
        self.container.restart()
        self._await_words()

    def remove(self) -> None:
        """Take it away with all that it stored."""
        self.container.remove()

    def tail(self, lines: int = 20) -> tuple[str, ...]:
        """The last lines of its log, without secrets."""
        return self.container.tail(lines)

    def _await_words(self) -> None:
        # Its own words, since the engine accepts connections to the port before anybody listens inside.
        if not self.container.await_words(self._ready, self._seconds):
            raise self.container.did_not_start()
