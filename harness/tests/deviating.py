"""The miniature as a target that has no route to record a cost: its service is asked, in its own Python.

Whoever seeds a defect into a copy of it can so see what a service raises, as with a platform that was never meant to
be asked over HTTP.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from pydantic import TypeAdapter

from harness.interpreter.protocol import WorkerRefused
from harness.journal import Journal
from harness.model import Gap, Repair
from harness.targets import index
from harness.targets.platform import Platform, TestDatabase
from harness.targets.surface import UNRECORDED
from harness.targets.terms import Call, Cost, Instance, Refusal, Reply

MINIATURE: Final = Path(__file__).parents[2] / "fixtures" / "miniatures" / "platform"
REPAIR: Final = Repair(
    name="key of cost_records",
    because="the migrations make it a number, and the model writes a UUID into it",
    symptom='column "id" is of type integer but expression is of type uuid',
    statements=(
        "ALTER TABLE cost_records ALTER COLUMN id DROP DEFAULT",
        "ALTER TABLE cost_records ALTER COLUMN id TYPE uuid USING gen_random_uuid()",
    ),
    judged_by=("REQ-BILL-002.2",),
)

DISORDER: Final = Repair(
    name="migrations in another order",
    because="one of them waits for what another branch makes",
    symptom="migrations do not reach their end",
    taken="one by one",
    judged_by=("CON-MIG-001.1", "REQ-BILL-002.2"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the service gave."""

    record: Cost


RECORDED: Final = TypeAdapter(Recorded)


class Deviating:
    """The miniature, recorded from inside."""

    name: str = "deviating"
    gaps: tuple[Gap, ...] = ()
    repairs: tuple[Repair, ...] = (REPAIR, DISORDER)
    own_environment: bool = False
    settings: Mapping[str, str] = {}
    test_database: TestDatabase = "empty"
    planting: Mapping[str, Mapping[str, object]] = {"memberships": {"role": "member"}}
    roles_held_in: Literal["project", "organisation"] = "organisation"
    unclocked: str = ""
    without_recording = UNRECORDED

    def __init__(self) -> None:
        self._miniature = index.find(str(MINIATURE / "target.py"))

    def default_source(self, suite: Path) -> Path | None:
        """The miniature's own."""
        return self._miniature.default_source(suite)

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """The miniature's tenant, but for how it records."""
        return cast("Platform", Tenant(self._miniature.tenant(instance, journal), instance, journal))

    def test_settings(self, *, database_url: str, redis_url: str) -> Mapping[str, str]:
        """Nothing more."""
        return self._miniature.test_settings(database_url=database_url, redis_url=redis_url)


class Tenant:
    """A tenant that has every verb of the miniature's, and two of its own."""

    def __init__(self, tenant: Platform, instance: Instance, journal: Journal) -> None:
        self._tenant = tenant
        self._instance = instance
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        """Whatever is not said here the miniature's tenant says."""
        return getattr(self._tenant, name)

    def record_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Cost:
        """Have the service record a call."""
        assert self._instance.inside is not None
        words: dict[str, object] = {"task_id": task_id, "agent_id": agent_id, **asdict(call)}
        cost = self._instance.inside.call("services.record_llm_cost", RECORDED, **words).record
        self._journal.note("driver", "a cost recorded", observed=cost.total_cost, examined=1)
        return cost

    def try_cost(self, call: Call, *, task_id: str, agent_id: str | None = None) -> Reply:
        """Have the service record a call, which it refuses by raising."""
        try:
            self.record_cost(call, task_id=task_id, agent_id=agent_id)
        except WorkerRefused as refused:
            return Reply(operation="record", status=0, refusal=Refusal(ground="other", words=refused.message))
        return Reply(operation="record", status=0)


driver = Deviating()
