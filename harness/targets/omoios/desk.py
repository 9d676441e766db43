"""Where a tenant of OmoiOS stands: who it is, its client, and the services of the instance."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter

from harness.errors import CannotTell, PlatformLacks, PlatformOffersNone
from harness.journal import Journal
from harness.observe import planting
from harness.services.databases import connect
from harness.targets.surface import Surface
from harness.targets.terms import Instance

T = TypeVar("T")

# A task is in a phase of its own, which is named otherwise than the status of its spec.
PHASES: Final[Mapping[str, str]] = {
    "draft": "PHASE_REQUIREMENTS",
    "requirements": "PHASE_REQUIREMENTS",
    "design": "PHASE_DESIGN",
    "executing": "PHASE_IMPLEMENTATION",
    "completed": "PHASE_DONE",
}
NOTHING: Final = TypeAdapter(dict[str, object])
_UNKNOWN_SCOPE: Final = "invalid scope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """An organisation, its owner, and the roles that the platform's own migrations leave, by name."""

    organization: str
    user: str
    roles: Mapping[str, object]


class Desk(Surface):
    """One client of a tenant at one instance; the verbs stand in the classes made of it."""

    def __init__(self, instance: Instance, journal: Journal, tenancy: Tenancy) -> None:
        super().__init__(instance, journal, user=tenancy.user)
        self.tenancy = tenancy
        self._paths: Mapping[str, Any] | None = None

    def within(self, command: str, shape: TypeAdapter[T], **arguments: object) -> T:
        """What the platform's own services say; CannotTell when nobody keeps them at hand."""
        if self.instance.inside is None:
            raise CannotTell("this platform's own interpreter is not at hand")
        return self.instance.inside.call(f"services.{command}", shape, **arguments)

    def plant_project(self, **known: object) -> str:
        """Plant a project of the organisation."""
        with connect(self.instance.database_url) as connection:
            values = {"organization_id": self.tenancy.organization, **known}
            return str(planting.plant(connection, "projects", values))

    def lacks(self, what: str, *words: str) -> PlatformLacks | CannotTell:
        """Why a verb has no operation here: none is published whose path holds all these words.

        One that is published is another thing than this driver was written for, and nothing may follow from that.
        """
        named = self.publishes(*words)
        if named:
            return CannotTell(f"the platform publishes {', '.join(named)}, which its driver does not know yet")
        looked = f"none of its {len(self._published())} published paths holds {' and '.join(words)}"
        return PlatformLacks(f"the platform offers no way to {what}: {looked}", operation=what)

    def publishes(self, *words: str) -> list[str]:
        """The published paths that hold all these words."""
        return [path for path in self._published() if all(word in path for word in words)]

    def offers(self, verb: str, path: str) -> bool:
        """Whether this very operation is published."""
        return any(verb in item for known, item in self._published().items() if known.rstrip("/") == path)

    @contextmanager
    def scoped(self, what: str) -> Generator[None]:
        """Tell a scope that the platform says it does not know from whatever else it refuses."""
        try:
            yield
        except PlatformOffersNone as error:
            if _UNKNOWN_SCOPE not in error.message.lower():
                raise
            said = f"the platform offers no way to {what}: {error.message}"
            raise PlatformLacks(said, operation=what) from error

    def _published(self) -> Mapping[str, Any]:
        if self._paths is None:
            document = self.api.demand(self.api.get("/openapi.json")).fields()
            self._paths = cast("Mapping[str, Any]", document.get("paths", {}))
        return self._paths
