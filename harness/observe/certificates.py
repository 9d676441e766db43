"""The certificates that this machine trusts, read once: reading them takes longer than most questions do."""

from functools import cache
from ssl import SSLContext

import httpx


@cache
def trusted() -> SSLContext:
    """What every client of ours trusts, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)
