"""The address at which this machine reaches itself and nobody else does."""

from typing import Final

LOOPBACK: Final = "127.0.0.1"
