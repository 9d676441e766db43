"""The figures of the evidence: what a reader of the report sees better than a number says."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Measured values of one operation, in the order of measurement, and a confidence interval of one quantile.

    `low` and `high` bound the quantile in the unit of the values; `high` is None where too few values bound it.
    """

    title: str
    unit: str
    values: tuple[float, ...]
    quantile: float
    low: float
    high: float | None
    limit: float
    kind: Literal["distribution"] = "distribution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """The same work measured with and without something, pair by pair in turn, in one unit.

    `low` and `high` bound by how many percent the work takes longer with it; `limit` is what it may.
    """

    title: str
    unit: str
    without: tuple[float, ...]
    with_it: tuple[float, ...]
    low: float
    high: float
    limit: float
    kind: Literal["pairs"] = "pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerImport:
    """One import between parts of a hierarchy: `where` is the file and line, `allowed` what the hierarchy says."""

    importer: str
    imported: str
    where: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Layers of modules from the highest to the lowest, and the imports between them."""

    title: str
    layers: tuple[tuple[str, ...], ...]
    imports: tuple[LayerImport, ...]
    kind: Literal["hierarchy"] = "hierarchy"


Figure = Annotated[Distribution | Pairs | Hierarchy, Field(discriminator="kind")]
