"""Where the templates lie: packed beside this module in a wheel, in `reports/templates` of a checkout."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import jinja2

from harness.errors import Misuse


def environment(**filters: Callable[..., object]) -> jinja2.Environment:
    """A template environment that escapes every value, refuses names that are not there, and knows these filters."""
    loader = jinja2.FileSystemLoader(folder())
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(filters)
    return made


def folder() -> Path:
    """The folder with the templates, or Misuse when the installation has none."""
    packed = Path(str(resources.files("harness.report"))) / "templates"
    checkout = Path(__file__).resolve().parents[2] / "reports" / "templates"
    for place in (packed, checkout):
        if (place / "report.html.j2").is_file():
            return place
    raise Misuse(
        "the report templates are not installed", causes=(str(packed), str(checkout)), hint="reinstall conform"
    )
