"""A server of our own on loopback: it tells a platform that hangs from a machine that does."""

import socket
import threading
from typing import Final

_DEADLINE_SECONDS: Final = 5.0


def answers() -> bool:
    """Whether a connection to a listener of our own is answered within five seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_echo_once, args=(server,), daemon=True).start()
        try:
            with socket.create_connection(server.getsockname(), timeout=_DEADLINE_SECONDS) as client:
                client.sendall(b"alive")
                return client.recv(5) == b"alive"
        except OSError:
            return False


def _echo_once(server: socket.socket) -> None:
    try:
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(5))
    except OSError:
        return
