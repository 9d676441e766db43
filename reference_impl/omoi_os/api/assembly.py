"""The application: routes, error answers, and a start that succeeds or says in one line why not."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from omoi_os.api import farewell, problems, wiring
from omoi_os.api.routes import (
    agents,
    auth,
    budgets,
    costs,
    events,
    forecasts,
    health,
    organizations,
    page,
    phases,
    projects,
    specs,
    tasks,
    tickets,
)

ROUTERS = (
    auth.router,
    organizations.router,
    projects.router,
    tickets.router,
    specs.router,
    phases.router,
    tasks.router,
    agents.router,
    costs.router,
    budgets.router,
    events.router,
    forecasts.router,
)


class Platform(FastAPI):
    """An application that reports a failed start in one line instead of a traceback."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or one life."""
        await super().__call__(scope, receive, _brief(send) if scope["type"] == "lifespan" else send)


def create_app() -> FastAPI:
    """Build the application; nothing connects and no setting is read before it starts."""
    app = Platform(
        title="OmoiOS reference",
        version="0.1.0",
        lifespan=_life,
        responses={422: {"model": problems.Problem, "description": "The request is not valid"}},
    )
    problems.install(app)
    app.include_router(health.router)
    app.include_router(page.router)
    app.mount("/page", page.PageFiles())
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncGenerator[None]:
    """Hold the services from start to end."""
    services = wiring.start()
    app.state.services = services
    with farewell.announced(services.feed.close):
        yield
    services.close()


def _brief(send: Send) -> Send:
    """Shorten the report of a failed start to its last line."""

    async def shortened(message: Message) -> None:
        if message["type"] == "lifespan.startup.failed":
            message = {**message, "message": "omoi_os cannot start: " + _last_line(message.get("message", ""))}
        await send(message)

    return shortened


def _last_line(report: str) -> str:
    """Return what a traceback says in the end, without the name of the exception's module."""
    lines = report.strip().splitlines() or ["no reason given"]
    return lines[-1].removeprefix(f"{wiring.PlatformCannotStart.__module__}.PlatformCannotStart: ")
