"""Events of a project, as they happen."""

import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from omoi_os.api.dependencies import REFUSALS, CallerDep, ServicesDep, SessionDep
from omoi_os.api.wiring import Services
from omoi_os.models.outbox import OutboxEvent
from omoi_os.services import access, outbox
from omoi_os.services.errors import Refusal
from omoi_os.services.tokens import ACCESS_LIFETIME

BEAT_SECONDS: Final = 15.0
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Somebody who follows a project."""

    given: Services
    user_id: str
    project_id: str

    async def messages(self, position: int) -> AsyncGenerator[str]:
        """Tell every event after a place, and go on as they come; no stream outlives the token that opened it."""
        yield ": following\n\n"
        until = time.monotonic() + ACCESS_LIFETIME.total_seconds()
        with self.given.feed.bell() as bell:
            while not self.given.feed.closed and time.monotonic() < until:
                try:
                    rows = await run_in_threadpool(self._read, position)
                except Refusal:
                    return
                for row in rows:
                    position = row.position or position
                    yield _message(row)
                if not rows and not await bell.wait(BEAT_SECONDS):
                    yield ": still here\n\n"

    def _read(self, position: int) -> Sequence[OutboxEvent]:
        """Read on from a place; raises a Refusal for whoever may no longer read the project."""
        with self.given.db.get_session() as session:
            access.project(session, self.user_id, self.project_id)
            return outbox.since(session, self.project_id, position)


router = APIRouter(prefix="/projects", tags=["events"], responses={**REFUSALS})


@router.get("/{project_id}/events", response_class=EventStream)
def follow(
    project_id: str,
    caller: CallerDep,
    given: ServicesDep,
    session: SessionDep,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
) -> EventStream:
    """Tell of a project's costs and budget alerts as they happen, from now or from the last event that was heard."""
    access.project(session, caller.id, project_id)
    position = outbox.last_position(session) if last_event_id is None else last_event_id
    follower = Follower(given=given, user_id=caller.id, project_id=project_id)
    return EventStream(follower.messages(position), headers=HEADERS)


def _message(row: OutboxEvent) -> str:
    """Write one event down as the stream wants it."""
    return f"id: {row.position}\nevent: {row.event_type}\ndata: {outbox.event_of(row).document}\n\n"
