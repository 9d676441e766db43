"""What a program wrote, its beginning and its end: a flood fills neither disk nor memory, and secrets stay secret."""

from threading import Lock

from harness.redaction import forms, redact

KEEP_BYTES = 64 * 1024
SEAM_CHARACTERS = 256


class BoundedLog:
    """Keeps the first and the last 64 KiB of what it is fed and counts the rest."""

    def __init__(self, keep: int = KEEP_BYTES) -> None:
        self._keep = keep
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self._lock = Lock()

    @property
    def dropped(self) -> int:
        """Number of bytes that were let go between beginning and end."""
        return self._dropped

    def feed(self, chunk: bytes) -> None:
        """Take more of what the program wrote."""
        with self._lock:
            room = self._keep - len(self._head)
            self._head += chunk[:room]
            self._tail += chunk[room:]
            excess = max(0, len(self._tail) - self._keep)
            del self._tail[:excess]
            self._dropped += excess

    def text(self, secrets: tuple[str, ...] = ()) -> str:
        """Everything kept, without the secrets, with a line that says how much is missing in between."""
        with self._lock:
            head, tail, dropped = bytes(self._head), bytes(self._tail), self._dropped
        if not dropped:
            return redact((head + tail).decode(errors="replace"), secrets)
        # Half a secret on either side of the gap would not be recognised as one.
        cut = max((len(form) for form in forms(secrets)), default=0) + SEAM_CHARACTERS
        begin = redact(head.decode(errors="replace"), secrets)[:-cut].rpartition("\n")
        end = redact(tail.decode(errors="replace"), secrets)[cut:].partition("\n")
        return f"{begin[0] or begin[2]}\n[… {dropped} bytes left out …]\n{end[2] or end[0]}"
