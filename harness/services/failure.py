"""Why a service of ours did not start, read off the last lines of its log, with what to do about it."""

from typing import Final

from harness.errors import ServiceDidNotStart
from harness.services.program import Program

LINES: Final = 3
# A program that prints its last words is about to end, with a code that tells more.
ENDING_SECONDS: Final = 1.0
_HINTS: Final = (
    (("no space left on device", "disk quota exceeded"), "The disk is full: free some space, or set TMPDIR."),
    (("read-only file system",), "The temporary folder is read-only: set TMPDIR to one that may be written."),
    (("address already in use", "could not bind"), "The port is taken: end the program that listens there."),
    (("shared memory", "shmget", "semget", "sysvshm"), "Give this machine more shared memory (docker: --shm-size)."),
    (("cannot allocate memory", "out of memory"), "Free some memory."),
    (("loading shared libraries", "library not loaded"), "The binaries lack a library: install the package anew."),
    (("permission denied",), "The unprivileged account needs access: set TMPDIR to a folder that all may enter."),
)
_PORT_TAKEN: Final = ("address already in use", "could not bind")


class PortTaken(ServiceDidNotStart):
    """Somebody else listens on the port that was free a moment ago."""


def did_not_start(service: str, program: Program) -> ServiceDidNotStart:
    """The error to raise for a program that ended, or never answered, with its last words as causes; it is ended."""
    program.wait(ENDING_SECONDS)
    causes = telling(program.tail(100)) or ("it wrote nothing",)
    code = program.returncode
    program.kill()
    message = f"{service} did not start: it {'never answered' if code is None else f'ended with code {code}'}"
    if code is not None and _mentions(program.output(), _PORT_TAKEN):
        return PortTaken(message, causes=causes, hint=hint_for(program.output()))
    return ServiceDidNotStart(message, causes=causes, hint=hint_for(program.output()))


def not_prepared(service: str, error: OSError) -> ServiceDidNotStart:
    """The error to raise when the system refused what has to be there before the program can run."""
    return ServiceDidNotStart(f"{service} could not be prepared", causes=(str(error),), hint=hint_for(str(error)))


def hint_for(log: str) -> str:
    """The next action for the first known cause that the log mentions."""
    known = (hint for needles, hint in _HINTS if _mentions(log, needles))
    return next(known, "Run `conform doctor`.")


def telling(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The last lines of a log that state a failure; just the last lines where none does."""
    known = tuple(needle for needles, _ in _HINTS for needle in needles)
    return tuple(line for line in lines if _mentions(line, (*known, "fatal", "panic")))[-LINES:] or lines[-LINES:]


def _mentions(log: str, needles: tuple[str, ...]) -> bool:
    folded = log.lower()
    return any(needle in folded for needle in needles)
