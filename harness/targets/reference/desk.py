"""Where a tenant of the reference implementation stands: who it is, and its client."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.journal import Journal
from harness.targets.surface import API, Surface
from harness.targets.terms import Instance, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """An organisation and its owner, who speaks for it."""

    organization: str
    user: str


class Desk(Surface):
    """One client of a tenant at one instance; the verbs stand in the classes made of it."""

    def __init__(self, instance: Instance, journal: Journal, tenancy: Tenancy) -> None:
        super().__init__(instance, journal, user=tenancy.user)
        self.tenancy = tenancy

    def asked(
        self, path: str, claim: str, body: Mapping[str, object] | None = None, *, also: Collection[int] = ()
    ) -> Reply:
        """What the platform says to something that it may refuse."""
        return self.reply(self.api.post(f"{API}{path}", body), claim, also=also)
