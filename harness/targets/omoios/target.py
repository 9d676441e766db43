"""OmoiOS as a target: where it lies is named, and who its tenants are is planted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

from harness.journal import Journal
from harness.model import Gap, Repair
from harness.observe.bodies import Body
from harness.targets.omoios import people
from harness.targets.omoios.money import Money
from harness.targets.omoios.people import People
from harness.targets.omoios.work import Work
from harness.targets.platform import Platform, TestDatabase
from harness.targets.surface import UNRECORDED
from harness.targets.terms import PROVIDER_KEY, Instance

_SEVERAL: Final = "Multiple head revisions are present"
# Where its migrations are at home: what is asked of them is never asked of repaired ones.
_SCHEMA: Final = ("CON-MIG-001.1", "CON-MIG-001.2", "REQ-BILL-002.2")
REPAIRS: Final = (
    Repair(
        name="several newest revisions",
        because="its migrations end in more than one revision, so that nobody can take them to the newest",
        symptom=_SEVERAL,
        taken="heads",
        judged_by=_SCHEMA,
    ),
    Repair(
        name="migrations that do not run in their own order",
        because="its migrations fail on an empty database, each waiting for what another one makes or making it twice",
        symptom=rf"^(?!(?s:.)*{_SEVERAL})(?s:.)*(migrations do not reach their end|hidden by migrate\.upgrade)",
        taken="one by one",
        judged_by=_SCHEMA,
    ),
    Repair(
        name="key of cost_records",
        because="the migrations make the key of cost_records a number, and the model writes a text into it",
        symptom=r'column "id" is of type integer but expression is of type character varying(?s:.)*cost_records',
        statements=(
            "ALTER TABLE cost_records ALTER COLUMN id DROP DEFAULT",
            "ALTER TABLE cost_records ALTER COLUMN id TYPE varchar USING id::text",
        ),
        judged_by=("REQ-BILL-002.2",),
    ),
)


class OmoiOS:
    """The platform itself as a target."""

    name: str = "omoios"
    gaps: tuple[Gap, ...] = ()
    repairs: tuple[Repair, ...] = REPAIRS
    own_environment: bool = True
    # By default it asks another company for embeddings, in its first weeks a model that it would have to fetch, and for
    # the titles of specs, unless it has no key.
    settings: Mapping[str, str] = {
        "EMBEDDING_PROVIDER": "openai",
        "EMBEDDING_OPENAI_API_KEY": PROVIDER_KEY,
        "LLM_API_KEY": "",
        "LLM_FIREWORKS_API_KEY": "",
    }
    # Its unit tests ask the application too, which can answer nothing where there is no table.
    test_database: TestDatabase = "migrated"
    # Statuses that its people really stored, before and after it wrote them in capitals.
    planting: Mapping[str, Mapping[str, object]] = {"agents": {"status": "idle"}}
    roles_held_in: Literal["project", "organisation"] = "organisation"
    unclocked: str = "an agent takes seconds to begin, so that the pairs of runs which tell a slowdown take minutes"
    without_recording = (
        *UNRECORDED,
        Body(
            file="omoi_os/services/cost_tracking.py",
            function="CostTrackingService.record_sandbox_cost",
            instead="return None",
        ),
    )

    def default_source(self, suite: Path) -> Path | None:  # noqa: ARG002 - it is somebody's checkout
        """Nowhere: whoever judges it names their checkout."""
        return None

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """A new organisation with its owner, whose token is minted."""
        return Tenant(instance, journal, people.seed(instance.database_url))

    def test_settings(self, *, database_url: str, redis_url: str) -> Mapping[str, str]:
        """The names under which its tests look for servers that they may use."""
        return {"DATABASE_URL_TEST": database_url, "REDIS_URL_TEST": redis_url}


class Tenant(Work, Money, People):
    """The owner of one organisation at OmoiOS."""

    def at(self, instance: Instance) -> Self:
        """The same owner at another instance."""
        return type(self)(instance, self.journal, self.tenancy)


driver = OmoiOS()
