"""Exchanges lines with a child that may hang, die, or flood its stderr: nothing waits for ever, nothing fills up."""

import os
import queue
import subprocess
import threading
from collections import deque
from contextlib import suppress
from typing import IO, Final

CHUNK: Final = 8192
CHUNKS_KEPT: Final = 8
CLOSE_DEADLINE: Final = 2.0


class Silence(Exception):
    """No line came: the child ended, or the deadline passed."""


class Channel:
    """The three pipes of one child: lines over stdin and stdout, the tail of stderr kept for explanations."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        assert program.stdin
        assert program.stdout
        assert program.stderr
        self._stdin, self._stdout, self._stderr = program.stdin, program.stdout, program.stderr
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._said: deque[bytes] = deque(maxlen=CHUNKS_KEPT)
        self._threads = (
            threading.Thread(target=self._read, args=(self._stdout,), daemon=True),
            threading.Thread(target=self._pump, args=(self._stderr,), daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def exchange(self, line: bytes, *, deadline: float) -> bytes:
        """Send a line (an empty one sends nothing) and wait at most `deadline` seconds for one back."""
        try:
            if line:
                self._stdin.write(line + b"\n")
                self._stdin.flush()
            answer = self._lines.get(timeout=deadline)
        except queue.Empty:
            raise Silence(f"did not answer within {deadline:g} s") from None
        except OSError:
            answer = b""
        if not answer:
            raise Silence("ended")
        return answer

    def last_words(self) -> str:
        """The last line that the child wrote to stderr."""
        self._threads[1].join(0.2)
        lines = b"".join(self._said).decode(errors="replace").strip().splitlines()
        return lines[-1][:500] if lines else ""

    def close(self) -> None:
        """Let go of the pipes, once the child is gone."""
        with suppress(OSError):
            self._stdin.close()
        for thread, pipe in zip(self._threads, (self._stdout, self._stderr), strict=True):
            thread.join(CLOSE_DEADLINE)
            # A grandchild that left the group may hold the pipe open; closing it under the reader would block.
            if not thread.is_alive():
                pipe.close()

    def _read(self, pipe: IO[bytes]) -> None:
        """Queue every line; an empty one says that the child closed the channel."""
        for line in pipe:
            self._lines.put(line)
        self._lines.put(b"")

    def _pump(self, pipe: IO[bytes]) -> None:
        """Keep reading stderr, so that a flood never blocks the child, and keep only its tail."""
        while chunk := os.read(pipe.fileno(), CHUNK):
            self._said.append(chunk)
