"""The platform's interpreter as the command names it: which version it is, or why it is none."""

import subprocess
from typing import Final

from harness.errors import Misuse

_ASK: Final = "import platform, sys; assert sys.version_info >= (3, 10); print(platform.python_version())"
_DEADLINE_SECONDS: Final = 20.0


def version(executable: str) -> str:
    """The version of a Python interpreter, or Misuse when it cannot be one that runs the platform."""
    hint = "--python names the interpreter in which the platform's dependencies are installed"
    try:
        answer = subprocess.run(
            (executable, "-I", "-c", _ASK), capture_output=True, text=True, timeout=_DEADLINE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Misuse(f"{executable} is no Python interpreter", causes=(str(error),), hint=hint) from error
    if answer.returncode != 0:
        raise Misuse(
            f"{executable} is no Python 3.10 or newer", causes=tuple(answer.stderr.split("\n")[-2:-1]), hint=hint
        )
    return answer.stdout.strip()
