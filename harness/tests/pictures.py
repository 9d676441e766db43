"""Figures of every kind and size, for the tests and for whoever wants to look at them."""

import random
from typing import Final

from harness.model import Distribution, Hierarchy, LayerImport, Pairs

_RANDOM: Final = random.Random(4711)  # noqa: S311 - the same pictures each time

LATENCIES: Final = Distribution(
    title="Recording one cost at 10,000 stored rows",
    unit="ms",
    values=tuple(3.1 * _RANDOM.lognormvariate(0.0, 0.35) for _ in range(1_000)),
    quantile=0.99,
    low=6.6,
    high=8.4,
    limit=50.0,
)
SLOW: Final = Distribution(
    title="Summary of a project",
    unit="ms",
    values=tuple(_RANDOM.gauss(190.0, 22.0) for _ in range(150)),
    quantile=0.95,
    low=221.0,
    high=None,
    limit=200.0,
)
PAIRED: Final = Pairs(
    title="A spec run with cost tracking and without",
    unit="ms",
    without=tuple(_RANDOM.gauss(1000.0, 14.0) for _ in range(18)),
    with_it=tuple(_RANDOM.gauss(1012.0, 14.0) for _ in range(18)),
    low=0.2,
    high=2.1,
    limit=5.0,
)
SMALL: Final = Hierarchy(
    title="Layers of omoi_os and the imports between them",
    layers=(
        ("omoi_os.api.main", "omoi_os.api.routes.costs", "omoi_os.api.routes.specs"),
        ("omoi_os.services.cost_tracking", "omoi_os.services.spec_service", "omoi_os.services.event_bus"),
        ("omoi_os.models.cost_record", "omoi_os.models.task", "omoi_os.models.agent"),
    ),
    imports=(
        LayerImport(
            importer="omoi_os.api.main",
            imported="omoi_os.services.spec_service",
            where="omoi_os/api/main.py:3",
            allowed=True,
        ),
        LayerImport(
            importer="omoi_os.services.cost_tracking",
            imported="omoi_os.models.cost_record",
            where="omoi_os/services/cost_tracking.py:7",
            allowed=True,
        ),
        LayerImport(
            importer="omoi_os.models.task",
            imported="omoi_os.services.cost_tracking",
            where="omoi_os/models/task.py:12",
            allowed=False,
        ),
        LayerImport(
            importer="omoi_os.models.task",
            imported="omoi_os.api.routes.costs.fields",
            where="omoi_os/models/task.py:14",
            allowed=False,
        ),
        LayerImport(
            importer="omoi_os.services.cost_tracking",
            imported="omoi_os.services.event_bus",
            where="omoi_os/services/cost_tracking.py:9",
            allowed=True,
        ),
    ),
)

EVERY: Final = (LATENCIES, SLOW, PAIRED, SMALL)


def large(modules: int = 60, imports: int = 320) -> Hierarchy:
    """As many modules as a picture must bear, most imports downwards, some against the hierarchy."""
    names = ("api.routes", "services", "repositories", "models")
    layers = tuple(tuple(f"omoi_os.{name}.module_{number:02d}" for number in range(modules // 4)) for name in names)
    drawn = [tuple(sorted(_RANDOM.sample(range(4), 2))) for _ in range(imports)]
    return Hierarchy(
        title="Layers of a large package",
        layers=layers,
        imports=tuple(
            _one(layers, upper, lower, against=number % 60 == 0) for number, (upper, lower) in enumerate(drawn)
        ),
    )


def _one(layers: tuple[tuple[str, ...], ...], upper: int, lower: int, *, against: bool) -> LayerImport:
    above, below = _RANDOM.choice(layers[upper]), _RANDOM.choice(layers[lower])
    importer, imported = (below, above) if against else (above, below)
    where = f"{importer.replace('.', '/')}.py:{_RANDOM.randint(1, 40)}"
    return LayerImport(importer=importer, imported=imported, where=where, allowed=not against)
