"""Whether tests may use containers here: they must where that was promised, and say why not where they cannot."""

import os
from typing import Final

import pytest

from harness.services import kinds
from harness.services.containers import sweeper
from harness.services.containers.engine import Engine

# Whoever has started an engine and made the images sets this, so that nothing is left out in silence.
PROMISED: Final = "CONFORM_CONTAINERS_REQUIRED"


def demand() -> None:
    """Skip with the reason where there are no containers; fail with it where they were promised."""
    if os.environ.get(PROMISED):
        kinds.choose("containers")
        return
    chosen = kinds.choose("auto")
    if chosen.kind != kinds.CONTAINERS:
        pytest.skip(f"nothing is known of containers here, since {chosen.because}")


def left_of(folder: str) -> tuple[str, ...]:
    """What the engine has of a run."""
    engine = Engine.connect()
    try:
        return tuple(one.name for one in sweeper.of_run(engine, folder))
    finally:
        engine.close()
