"""A stage for tests of drivers: real servers, a provider stub, and two instances of a platform."""

import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.journal import Journal
from harness.observe import history, scratch
from harness.services.embedded_postgres import EmbeddedPostgres
from harness.services.embedded_redis import EmbeddedRedis
from harness.services.provider.stub import ProviderStub
from harness.services.workspace import Workspace
from harness.targets import index, launch
from harness.targets.launch import Running, Site
from harness.targets.platform import Driver, Platform
from harness.targets.terms import Instance

SUITE: Final = Path(__file__).parents[2]
MINIATURE: Final = str(SUITE / "fixtures" / "miniatures" / "platform" / "target.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Two instances of a platform on one database and bus, with the provider that their agents call."""

    driver: Driver
    instance: Instance
    second: Instance
    provider: ProviderStub

    def tenant(self, journal: Journal | None = None) -> Platform:
        """A new tenant at the first instance."""
        return self.driver.tenant(self.instance, journal or Journal())


@contextmanager
def opened(target: str) -> Generator[Stage]:
    """Start everything for a target, as the command finds it by this word, and leave nothing behind."""
    driver = index.find(target)
    source = driver.default_source(SUITE)
    assert source is not None
    with ExitStack() as stack:
        workspace = stack.enter_context(Workspace.open())
        bus = EmbeddedRedis.start(workspace)
        provider = stack.enter_context(ProviderStub("a stage"))
        site = Site(source=source, python=sys.executable, workspace=workspace)
        given = launch.backing(database_url=_migrated(site), redis_url=bus.url, provider_url=provider.url)
        first, second = (stack.enter_context(Running.start(site, given)).instance for _ in range(2))
        yield Stage(driver=driver, instance=first, second=second, provider=provider)


def _migrated(site: Site) -> str:
    postgres = EmbeddedPostgres.start(site.workspace)
    with scratch.database(launch.ground(site, postgres), "migrated", keep=True) as place:
        history.upgrade(place)
    return postgres.url(place.name)
