"""A witness of the provider: what our stub served there, the platform's word aside."""

import json
import secrets
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

from harness.errors import CannotTell
from harness.journal import Journal
from harness.services.provider.stub import ProviderStub, Served

CHANNEL: Final = "provider"
INSTRUMENT: Final = "ledger"
CANARY_SECONDS: Final = 10.0


class Ledger:
    """Tells what was served to a conversation; the stub is the account of every call, whoever recorded it."""

    def __init__(self, journal: Journal, stub: ProviderStub) -> None:
        self._journal = journal
        self._stub = stub

    def calls(self, marker: str) -> tuple[Served, ...]:
        """The calls that were served whole to a conversation, in order; the reading counts them as examined."""
        served = self._stub.served(marker)
        self._journal.note(INSTRUMENT, "calls served to a task", observed=len(served), examined=len(served))
        return served

    def requests(self, marker: str) -> int:
        """How many requests of a conversation reached the provider, whatever became of them.

        A call of our own comes first: it shows that the provider answered at this very moment, so that none is none.
        What was examined is every call served in this run. CannotTell when our own call is not served.
        """
        if not canary(self._stub):
            raise CannotTell("the provider stub does not serve our own call, so nobody can tell what else it served")
        arrived, alive = self._stub.arrived(marker), len(self._stub.served())
        self._journal.note(INSTRUMENT, "requests of a task that reached a provider", observed=arrived, examined=alive)
        return arrived

    def none(self, marker: str) -> bool:
        """Whether no request of a conversation reached the provider, which did serve our own call."""
        return self.requests(marker) == 0


def canary(stub: ProviderStub) -> bool:
    """Whether a call of our own is served and counted."""
    marker = f"canary-{secrets.token_hex(8)}"
    stub.expect(marker, calls=1)
    asked = json.dumps({"model": "canary", "messages": [{"role": "user", "content": marker}]})
    # The plain client of the standard library: ours would load certificates for every call.
    with closing(HTTPConnection(urlsplit(stub.url).netloc, timeout=CANARY_SECONDS)) as connection:
        try:
            connection.request("POST", "/v1/chat/completions", asked, {"Authorization": "Bearer conform"})
            answered = connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
    return answered and len(stub.served(marker)) == 1
