"""The reference implementation as a target: where it lies, and its tenants."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from harness.journal import Journal
from harness.model import Gap, Repair
from harness.targets.platform import Platform, TestDatabase
from harness.targets.reference import people
from harness.targets.reference.money import Money
from harness.targets.reference.people import People
from harness.targets.reference.work import Work
from harness.targets.surface import UNRECORDED
from harness.targets.terms import Instance


class Reference:
    """The reference implementation as a target."""

    name: str = "reference"
    gaps: tuple[Gap, ...] = ()
    repairs: tuple[Repair, ...] = ()
    own_environment: bool = False
    settings: Mapping[str, str] = {}
    test_database: TestDatabase = "empty"
    planting: Mapping[str, Mapping[str, object]] = {}
    roles_held_in: Literal["project", "organisation"] = "project"
    unclocked: str = ""
    without_recording = UNRECORDED

    def default_source(self, suite: Path) -> Path | None:
        """The folder beside the suite's features."""
        return suite / "reference_impl"

    def tenant(self, instance: Instance, journal: Journal) -> Platform:
        """A new organisation with its owner, whose token is minted."""
        return ReferenceTenant(instance, journal, people.seed(instance.database_url))

    def test_settings(self, *, database_url: str, redis_url: str) -> Mapping[str, str]:
        """Where its tests find servers that they need not start themselves."""
        return {"TEST_POSTGRES_URL": database_url, "TEST_REDIS_URL": redis_url}


class ReferenceTenant(Work, Money, People):
    """The owner of one organisation at the reference implementation."""

    def at(self, instance: Instance) -> Self:
        """The same owner at another instance."""
        return type(self)(instance, self.journal, self.tenancy)


driver = Reference()
