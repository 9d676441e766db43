"""Fields that several documents share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# PostgreSQL stores no NUL in text.
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]+$")]
Prose = Annotated[str, Field(max_length=100_000, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """A document somebody sends; what it does not know it refuses, so that no field is silently ignored."""

    model_config = ConfigDict(extra="forbid")


class Shown(BaseModel):
    """A document the platform answers with, read off a stored row."""

    model_config = ConfigDict(from_attributes=True)
