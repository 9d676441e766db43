"""Where `conform` begins: light enough that an interruption is answered from the first moment on."""

import signal
import sys
from typing import NoReturn

from harness.errors import EXIT_INTERRUPTED


def main() -> NoReturn:
    """Run the command line; whoever interrupts while it is still loading gets the documented exit code too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from harness.cli import run  # noqa: PLC0415 - loading it takes a while, in which an interruption may come

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted before anything was seen. Hint: give the command again.\n")
        sys.exit(EXIT_INTERRUPTED)
