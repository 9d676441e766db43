"""What images of a run are called, and by which labels everything that belongs to a run is found again."""

import os
from typing import Final, Literal, get_args

from harness.errors import Misuse

Part = Literal["base", "postgres", "redis", "provider", "platform"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
VARIABLE: Final = "CONFORM_IMAGES"
PATTERN: Final = "conform-{}:latest"
# Whose containers and networks they are: the folder of the run, and the process that owns it with its birth.
WORKSPACE: Final = "conform.workspace"
OWNER: Final = "conform.owner"
MACHINE: Final = "conform.machine"
# Which version of the stub's own code an image holds.
CODE: Final = "conform.code"


def image(part: Part) -> str:
    """The full name of an image, by the pattern that CONFORM_IMAGES sets: `registry/team/conform-{}:2026.11`."""
    pattern = os.environ.get(VARIABLE) or PATTERN
    if pattern.count("{}") != 1:
        raise Misuse(f"{VARIABLE} must hold {{}} once, where the part's name goes", hint=f"for example {PATTERN}")
    named = pattern.replace("{}", part)
    return named if ":" in named.rpartition("/")[2] else f"{named}:latest"
