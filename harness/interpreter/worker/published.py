"""Says what the application would publish of its interface, without starting it."""

from __future__ import annotations

import importlib
from typing import Any

APPLICATION = "omoi_os.api.main"


def description() -> dict[str, Any]:
    """The OpenAPI document that the application makes of itself, as it would serve it."""
    return importlib.import_module(APPLICATION).app.openapi()
