"""Whether the platform is up."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The platform answers."""

    status: Literal["healthy"] = "healthy"


@router.get("/health")
def health() -> Health:
    """Say that the platform is up."""
    return Health()
