"""Where a tenant of the reference implementation stands: who it is, its client, and how its answers are read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter

from harness.journal import Journal
from harness.targets import replies, tokens
from harness.targets.http import Answer, Api
from harness.targets.replies import INSTRUMENT
from harness.targets.terms import Instance, Reply

API: Final = "/api/v1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """An organisation and its owner, who speaks for it."""

    organization: str
    user: str


class Desk:
    """One client of a tenant at one instance; the verbs stand in the classes made of it."""

    def __init__(self, instance: Instance, journal: Journal, tenancy: Tenancy) -> None:
        self.instance = instance
        self.journal = journal
        self.tenancy = tenancy
        self.token = tokens.mint(tenancy.user, secret=instance.secret)
        self.api = Api(instance.url, token=self.token)

    def description(self) -> Mapping[str, object]:
        """Fetch the published description."""
        answer = self.api.demand(self.api.get("/openapi.json"))
        self.note("API description published", f"{answer.status}")
        return answer.fields()

    def close(self) -> None:
        """Give up the connections."""
        self.api.close()

    def made(self, path: str, body: Mapping[str, object]) -> str:
        """The id of what was made; fields without a value are left to the platform."""
        given = {name: value for name, value in body.items() if value is not None}
        return self.api.post(f"{API}{path}", given).made()

    def seen(self, shape: TypeAdapter[T], path: str, claim: str, **params: str | int) -> T:
        """What the platform shows, noted under a claim."""
        answer = self.api.demand(self.api.get(f"{API}{path}", **params))
        shown = answer.read(shape)
        self.note(claim, f"{answer.status} {' '.join(answer.text.split())[:200]}")
        return shown

    def asked(
        self, path: str, claim: str, body: Mapping[str, object] | None = None, *, also: Collection[int] = ()
    ) -> Reply:
        """What the platform says to something that it may refuse."""
        return replies.reply(self.api.post(f"{API}{path}", body), self.journal, claim, also=also)

    def deletion(self, answer: Answer, what: str) -> bool:
        """Whether a deletion is offered, noted."""
        words = f"{answer.status} {' '.join(answer.text.split())[:200]}".strip()
        self.note(f"deletion of {what} with costs asked for", words)
        return answer.deletion()

    def note(self, claim: str, observed: str) -> None:
        """Note one thing that was looked at."""
        self.journal.note(INSTRUMENT, claim, observed=observed, examined=1)
