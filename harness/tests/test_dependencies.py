"""What a platform declares is read wherever its people may have written it down."""

from pathlib import Path
from typing import Final

import pytest

from harness.interpreter import dependencies

PLACES: Final = {
    "its own": ("pyproject.toml", '[project]\nname = "x"\ndependencies = ["Whenever>=1 ; python_version > \'3\'"]\n'),
    "an extra": ("pyproject.toml", '[project.optional-dependencies]\nmore = ["whenever"]\n'),
    "a group": ("pyproject.toml", '[dependency-groups]\ndev = ["whenever==1"]\n'),
    "uv's": ("pyproject.toml", '[tool.uv]\ndev-dependencies = ["whenever"]\n'),
    "poetry's": ("pyproject.toml", '[tool.poetry.dependencies]\nwhenever = "^1"\n'),
    "poetry's for work": ("pyproject.toml", '[tool.poetry.dev-dependencies]\nwhenever = "^1"\n'),
    "poetry's group": ("pyproject.toml", '[tool.poetry.group.test.dependencies]\nwhenever = "*"\n'),
    "a list": ("requirements.txt", "# ours\n-r other.txt\nwhenever\n"),
    "another list": ("dev-requirements.txt", "whenever ~= 1.0\n"),
    "a list of a folder": ("requirements/base.txt", "whenever\n"),
    "a list to be resolved": ("requirements.in", "whenever\n"),
    "setuptools'": ("setup.cfg", "[options]\ninstall_requires =\n    other\n    whenever>=1\n"),
    "setuptools' extra": ("setup.cfg", "[options.extras_require]\nmore =\n    whenever\n"),
    "pdm's": ("pyproject.toml", '[tool.pdm.dev-dependencies]\ntest = ["whenever"]\n'),
    "hatch's": ("pyproject.toml", '[tool.hatch.envs.default]\nextra-dependencies = ["whenever"]\n'),
    "an extra of another": ("requirements.txt", "clock[whenever, zones] >= 2\n"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("around", [False, True], ids=["inside", "around"])
def test_a_dependency_is_found_wherever_it_is_declared(place: str, around: bool, tmp_path: Path) -> None:
    """In the source root, or in the folder around it."""
    name, content = PLACES[place]
    source = tmp_path / "backend"
    source.mkdir()
    file = (tmp_path if around else source) / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    declared = dependencies.read(source)
    assert dependencies.behind("whenever", declared) == "whenever"
    assert dependencies.behind("never", declared) is None


def test_an_extra_brings_what_is_called_after_both(tmp_path: Path) -> None:
    """As a pool of connections comes with a driver."""
    (tmp_path / "requirements.txt").write_text("psycopg[binary,pool]>=3\n", encoding="utf-8")
    declared = dependencies.read(tmp_path)
    assert dependencies.behind("psycopg_pool", declared) == "psycopg-pool"
    assert dependencies.behind("psycopg_ghost", declared) is None
