"""OmoiOS itself as a target: its routes, its roles, and what its own interpreter is asked for."""

from harness.targets.omoios.target import driver

__all__ = ["driver"]
