"""Errors over HTTP: problem documents as RFC 9457 describes them."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from omoi_os.services.errors import Refusal

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, in a form that programs and people can read; some kinds say more in members of their own."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None


def install(app: FastAPI) -> None:
    """Answer every failure with a problem document."""
    for kind in (Refusal, RequestValidationError, HTTPException, DataError, Exception):
        app.add_exception_handler(kind, answer)


async def answer(_request: Request, error: Exception) -> JSONResponse:
    """Turn any exception into a problem document."""
    problem = describe(error)
    return JSONResponse(
        jsonable_encoder(problem, exclude_unset=True),
        status_code=problem.status,
        headers=_headers(error, problem.status),
        media_type="application/problem+json",
    )


def describe(error: Exception) -> Problem:
    """Describe an exception without giving away what is inside."""
    match error:
        case Refusal():
            problem = _named(error.slug, error.title, error.status, str(error))
            return problem.model_copy(update=dict(error.members))
        case RequestValidationError():
            # The refused value itself stays out: it may be NaN, which JSON cannot say.
            errors = [{"loc": list(one["loc"]), "msg": one["msg"], "type": one["type"]} for one in error.errors()]
            problem = _named("invalid", "The request is not valid", 422, "; ".join(str(one["msg"]) for one in errors))
            return problem.model_copy(update={"errors": errors})
        case HTTPException():
            return _plain(error.status_code, str(error.detail))
        case DataError():
            return _named("invalid", "The request is not valid", 422, "The database cannot store such a value.")
        case _:
            log.error("unforeseen failure", exc_info=error)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "The platform failed; the failure is in its log.")


def _named(slug: str, title: str, status: int, detail: str) -> Problem:
    """Build a problem of a kind of ours."""
    return Problem(type=f"urn:omoi-os:problem:{slug}", title=title, status=status, detail=detail)


def _plain(status: int, detail: str) -> Problem:
    """Build a problem that means no more than its status."""
    return Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail)


def _headers(error: Exception, status: int) -> dict[str, str]:
    """Return the headers that a status asks for."""
    if isinstance(error, HTTPException) and error.headers:
        return dict(error.headers)
    return {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
