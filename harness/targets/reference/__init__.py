"""The reference implementation as a target, which lies beside the suite."""

from harness.targets.reference.target import driver

__all__ = ["driver"]
