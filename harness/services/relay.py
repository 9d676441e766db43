"""Stands before a server of ours so that it can be cut off: a port that hands everything on until it is told not to."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, Self, TypeVar

from harness.services.failure import PortTaken
from harness.services.port import LOOPBACK, free_port, on_free_port

T = TypeVar("T")
CHUNK: Final = 64 * 1024
ANSWER_SECONDS: Final = 10.0


class Relay:
    """A port of loopback before another one; close it when the server behind it is no longer needed."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self._behind = behind
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()
        self._open: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name=f"relay {port}")
        self._thread.start()
        try:
            self._do(self._listen())
        except OSError as error:
            self.close()
            raise PortTaken(f"port {port} was taken before the relay could listen on it") from error

    @classmethod
    def before(cls, behind: int) -> Self:
        """Open one on a free port."""
        return on_free_port(lambda port: cls(port, behind), free_port)

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{LOOPBACK}:{self.port}"

    def cut(self) -> None:
        """Hand nothing on any more: connections stay open and fall silent, new ones are refused."""
        self._do(self._fall_silent())

    def mend(self) -> None:
        """Hand on again; what was open when it was cut is over."""
        self._do(self._hang_up())
        self._do(self._listen())

    def close(self) -> None:
        """End every connection and listen no more."""
        if self._thread.is_alive():
            self._do(self._fall_silent())
            self._do(self._hang_up())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(ANSWER_SECONDS)
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._meet, LOOPBACK, self.port)

    async def _fall_silent(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _hang_up(self) -> None:
        for end in self._open:
            end.transport.abort()
        self._open.clear()
        # The transports are closed in the next turn of the loop.
        await asyncio.sleep(0)

    async def _meet(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self._open.add(near)
        try:
            far_reader, far = await asyncio.open_connection(LOOPBACK, self._behind)
        except OSError:
            near.transport.abort()
            return
        self._open.add(far)
        for reader, writer in ((near_reader, far), (far_reader, near)):
            pump = asyncio.create_task(_pump(reader, writer))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until it ends; whoever is cancelled leaves the connection as it is."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
