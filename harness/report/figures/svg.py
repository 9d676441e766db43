"""Elements of a picture: text of unknown origin is cleaned and escaped here, whoever draws."""

from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

from harness.report import text

_LETTERS: Final = 400


def picture(told: str, **attributes: str | float) -> ET.Element:
    """An empty picture with a text for those who cannot see it."""
    root = ET.Element("svg", {"role": "img", "aria-label": text.shown(told, _LETTERS), **_written(attributes)})
    root.set("class", str(attributes.get("style_as", "")))
    return root


def add(parent: ET.Element, tag: str, words: str = "", *, tip: str = "", **attributes: str | float) -> ET.Element:
    """An element in another; `style_as` is its class, `tip` what is told when somebody points at it."""
    made = ET.SubElement(parent, tag, _written(attributes))
    if "style_as" in attributes:
        made.set("class", str(attributes["style_as"]))
    if tip:
        ET.SubElement(made, "title").text = text.shown(tip, _LETTERS)
    if words:
        made.text = text.shown(words, _LETTERS)
    return made


def markup(root: ET.Element) -> Markup:
    """The picture as it stands in the page."""
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - the library has escaped every text in it


def number(value: float) -> str:
    """A figure with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _written(attributes: dict[str, str | float]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in attributes.items() if name != "style_as"}
    return {name: value if isinstance(value, str) else f"{value:.6g}" for name, value in named.items()}
