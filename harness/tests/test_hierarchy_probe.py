"""The probe reads the ways in which people write a hierarchy down, and finds each import that goes against it."""

from pathlib import Path
from typing import Final

import pytest

from harness.journal import Journal
from harness.probes import hierarchy
from harness.probes.hierarchy import DEMANDED, HierarchyMeasurement, ImportHierarchy
from harness.tests import trees

TREE: Final = """## Correct import hierarchy

```
omoi_os/
├── models/
│   └── cost_record.py  # a table
├── services/
│   └── event_bus.py
└── api/
```
"""
BOXES: Final = """## Layers
```
+----------+
| API      |
+----------+
     |
     v
| Services |
     |
     v
| Models   |
```
"""
TABLE: Final = """### Layers

| | layer | |
|-|-|-|
| 1 | api | what people ask |
| 2 | service | what it does |
| 3 | model | what it keeps |
"""
TOML: Final = """[tool.importlinter]
root_package = "omoi_os"
[[tool.importlinter.contracts]]
name = "Down"
type = "layers"
containers = ["omoi_os"]
layers = ["api", "services", "models"]
"""
INI: Final = """[importlinter]
root_package = omoi_os

[importlinter:contract:down]
name = Down
type = layers
layers =
    omoi_os.api
    omoi_os.services
    omoi_os.models
"""
NUMBERED: Final = "# Layers\n\n1. `omoi_os.api` - routes\n2. **services**: what it does\n\n3. Models, tools\n"
FROM_BELOW: Final = "Import rules\n============\n\n* models/\n* services/\n* api/\n"
DOCSTRING: Final = '"""What api may import, and what imports models.\n\napi > services > models\n"""\n'
DOCUMENTS: Final = {
    "a numbered list": ("README.md", NUMBERED),
    "a list that begins at the bottom": ("docs/design.rst", FROM_BELOW),
    "a tree": ("ARCHITECTURE.md", TREE),
    "arrows": ("CONTRIBUTING.md", "Dependencies point one way: see below.\n\n    api → services → models\n"),
    "arrows back": ("README.md", "Imports:\n\n`models` <- `services` <- `api layer`\n"),
    "arrows between lines": ("README.md", BOXES),
    "a table": ("README.md", TABLE),
    "a docstring": ("omoi_os/services/__init__.py", DOCSTRING),
    "a contract": ("pyproject.toml", TOML),
    "a contract in another file": (".importlinter", INI),
}
NONE: Final = {
    "a tree in the order of the alphabet": "# Layers of imports\n\n- api\n- models\n- services\n",
    "an order without api": "# Layers of imports\n\n- services\n- models\n",
    "an order of something else": "# How to read the code\n\n- api\n- services\n- models\n",
    "names in a sentence": "Imports are clean: the api, services and models are separate layers.\n",
    "all in one place": "# Layers\n\n- api, services, models\n",
}
RECORD: Final = "omoi_os.models.cost_record"
UPWARD: Final = {
    f"omoi_os/models/cost_record.py:3: {RECORD} imports omoi_os.tools.clock and so omoi_os.services.event_bus",
    f"omoi_os/models/cost_record.py:16: {RECORD} imports omoi_os.services.event_bus inside a function",
    "omoi_os/services/spec_service.py:1: omoi_os.services.spec_service imports omoi_os.api.routes.costs",
}
CONTRACT: Final = '[[tool.importlinter.contracts]]\nname = "Ours"\n'


def measured(source: Path) -> HierarchyMeasurement:
    """What the probe measures in a source."""
    return hierarchy.measure_hierarchy(trees.scanned(source))


def written(source: Path, name: str, text: str) -> Path:
    """The source with one more file."""
    path = source / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return source


@pytest.mark.parametrize("way", DOCUMENTS)
def test_a_hierarchy_is_found_however_it_is_written(way: str, tmp_path: Path) -> None:
    """From the highest layer to the lowest, wherever it stands, and nothing goes against it."""
    found = measured(written(trees.lay("harmless", tmp_path), *DOCUMENTS[way]))
    assert [name for layer in found.layers.layers for name in layer.modules][:3] == [
        "omoi_os.api",
        "omoi_os.services",
        "omoi_os.models",
    ]
    assert found.documented[0].startswith(DOCUMENTS[way][0])
    assert DOCUMENTS[way][0] in found.searched
    assert found.offences == ()
    assert found.examined > 3


@pytest.mark.parametrize("way", NONE)
def test_what_is_no_hierarchy_is_not_taken_for_one(way: str, tmp_path: Path) -> None:
    """What names the three in no order, or in an order of something else, leaves that of the document."""
    found = measured(written(trees.lay("harmless", tmp_path), "README.md", NONE[way]))
    assert (found.documented, found.layers) == ((), DEMANDED)
    assert "README.md" in found.searched


def test_imports_that_lead_upwards_are_found(tmp_path: Path) -> None:
    """At import, in a function, and by way of a module that stands in no layer; never for the type checker."""
    found = measured(trees.lay("upward-imports", tmp_path))
    against = f", against {DEMANDED.where}"
    assert {str(one) for one in found.offences} == {f"{one}{against}" for one in UPWARD}
    (idle,) = found.shown["upwards for the type checker alone, which never runs"]
    assert idle.startswith("omoi_os/models/cost_record.py:6: ")


def test_the_figure_shows_each_offence_and_the_rest_once(tmp_path: Path) -> None:
    """Allowed imports are drawn once between two layers."""
    journal = Journal()
    offences = ImportHierarchy(journal, measured(trees.lay("upward-imports", tmp_path))).offences()
    (figure,) = journal.figures
    assert figure.kind == "hierarchy"
    assert figure.layers == (("omoi_os.api",), ("omoi_os.services",), ("omoi_os.models",))
    allowed = [(one.importer, one.imported) for one in figure.imports if one.allowed]
    assert sorted(allowed) == [("omoi_os.api", "omoi_os.services"), ("omoi_os.services", "omoi_os.models")]
    assert len([one for one in figure.imports if not one.allowed]) == len(offences) == len(UPWARD)
    assert journal.readings[0].examined == 7


@pytest.mark.parametrize(
    ("kind", "modules", "offence"),
    [
        ("forbidden", 'source_modules = ["omoi_os.api"]\nforbidden_modules = ["omoi_os.**.event_bus"]', "event_bus"),
        ("independence", 'modules = ["omoi_os.services.cost_tracking", "omoi_os.services.event_bus"]', "event_bus"),
        ("layers", 'layers = ["omoi_os.services.event_bus | omoi_os.services.cost_tracking"]', "event_bus"),
        ("layers", 'layers = ["omoi_os.services.event_bus : omoi_os.services.cost_tracking"]', ""),
        ("forbidden", 'source_modules = ["omoi_os.models"]\nforbidden_modules = ["sqlalchemy"]', ""),
        ("layers", 'layers = ["other.api", "other.models"]', ""),
    ],
)
def test_contracts_of_other_kinds_are_read(kind: str, modules: str, offence: str, tmp_path: Path) -> None:
    """What they forbid is an offence, and they document no hierarchy."""
    contract = f'{CONTRACT}type = "{kind}"\n{modules}\n'
    found = measured(written(trees.lay("harmless", tmp_path), "pyproject.toml", contract))
    assert [one.reached.rpartition(".")[2] for one in found.offences] == ([offence] if offence else [])
    assert found.documented == ()


def test_exceptions_and_contracts_of_unknown_kinds_are_shown(tmp_path: Path) -> None:
    """An import that a contract lets through is no offence."""
    contract = TOML + 'ignore_imports = ["omoi_os.models.* -> omoi_os.**"]\n'
    contract += '[[tool.importlinter.contracts]]\nname = "Odd"\ntype = "tests.Odd"\n'
    found = measured(written(trees.lay("upward-imports", tmp_path), "pyproject.toml", contract))
    assert [one.edge.importer for one in found.offences] == ["omoi_os.services.spec_service"]
    assert len(found.shown["let through by an exception that is written down"]) == 2
    assert found.shown["contract of a kind that is not read here"] == ("pyproject.toml: Odd",)


def test_documents_of_the_repository_around_are_searched(tmp_path: Path) -> None:
    """A platform may be a part of a repository, whose documents speak of it; those of a mere neighbour do not."""
    source = trees.lay("harmless", tmp_path)
    text = "# Layers\n\n- api\n- services\n- models\n"
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    assert measured(source).documented == ()
    (tmp_path / ".git").mkdir()
    assert measured(source).documented == ("../README.md:3",)
