"""The one place where settings, services and their checks meet."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from omoi_os.config import settings
from omoi_os.config.pricing import PricingRefused
from omoi_os.config.settings import Settings, SettingsIncomplete
from omoi_os.services.budget_enforcer import BudgetEnforcerService
from omoi_os.services.cost_tracking import CostTrackingService
from omoi_os.services.database import DatabaseService
from omoi_os.services.event_bus import EventBusService
from omoi_os.services.execution import ExecutionService
from omoi_os.services.feed import Feed
from omoi_os.services.providers import directory
from omoi_os.services.providers.directory import ProviderDirectory
from omoi_os.services.relay import Relay
from omoi_os.services.spec_service import SpecService
from omoi_os.services.task_runs import TaskRunService
from omoi_os.services.task_workflow import TaskWorkflow
from omoi_os.services.tokens import TokenService

RUNS_AT_ONCE = 64


class PlatformCannotStart(Exception):
    """Something that the platform needs is missing; the message is one line that says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a request may need."""

    db: DatabaseService
    bus: EventBusService
    costs: CostTrackingService
    budgets: BudgetEnforcerService
    specs: SpecService
    workflow: TaskWorkflow
    execution: ExecutionService
    runs: TaskRunService
    desks: ThreadPoolExecutor
    providers: ProviderDirectory
    tokens: TokenService
    feed: Feed
    relay: Relay

    def close(self) -> None:
        """Let the relay finish its batch, then give every connection back."""
        self.relay.stop()
        self.desks.shutdown()
        self.providers.close()
        self.bus.close()
        self.db.close()


def start() -> Services:
    """Read settings, build the services, check what they need and relay events; raises PlatformCannotStart."""
    _check_packages()
    try:
        services = _built(settings.read())
    except (SettingsIncomplete, PricingRefused, SQLAlchemyError, ValueError) as error:
        raise PlatformCannotStart(_line(error)) from error
    _check_database(services.db)
    services.relay.start()
    return services


def _built(values: Settings) -> Services:
    """Put the services together."""
    db = DatabaseService(values.database_url)
    bus = EventBusService(values.redis_url)
    feed = Feed()
    costs, budgets, providers = CostTrackingService(db, bus), BudgetEnforcerService(db, bus), ProviderDirectory()
    workflow = TaskWorkflow(costs, budgets)
    return Services(
        db=db,
        bus=bus,
        costs=costs,
        budgets=budgets,
        specs=SpecService(budgets),
        workflow=workflow,
        execution=ExecutionService(workflow),
        runs=TaskRunService(db=db, costs=costs, workflow=workflow, providers=providers),
        desks=ThreadPoolExecutor(RUNS_AT_ONCE, thread_name_prefix="run"),
        providers=providers,
        tokens=TokenService(values.auth_jwt_secret_key),
        feed=feed,
        relay=Relay(db, bus, placed=feed.ring),
    )


def _check_packages() -> None:
    """Stop unless the providers' clients are installed, which are imported only when a task first needs them."""
    if missing := directory.missing_packages():
        raise PlatformCannotStart(f"packages not installed: {', '.join(missing)}")


def _check_database(db: DatabaseService) -> None:
    """Stop unless the database answers and holds our tables."""
    try:
        migrated = db.is_migrated()
    except SQLAlchemyError as error:
        raise PlatformCannotStart(f"the database of DATABASE_URL does not answer: {_line(error)}") from error
    if not migrated:
        raise PlatformCannotStart("the database of DATABASE_URL has no tables yet: run 'alembic upgrade head'")


def _line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return next(iter(str(error).splitlines()), type(error).__name__)
