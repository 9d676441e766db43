"""Each kind of figure is drawn so that it can be read, whatever the numbers and names in it."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from harness.model import Distribution, Figure, Hierarchy, LayerImport
from harness.report import html_format, markdown_format
from harness.report.figures import arrow, layout, scale
from harness.report.figures.draw import drawing
from harness.tests import pictures, specimen

EVERY = (*pictures.EVERY, pictures.large())
ODD = (
    replace(pictures.LATENCIES, values=()),
    replace(pictures.LATENCIES, values=(3.0,), low=3.0, high=3.0),
    replace(pictures.LATENCIES, values=(0.0, 0.0, -1.0), low=0.0, high=None),
    replace(pictures.LATENCIES, values=(math.nan, math.inf, 2.0)),
    replace(pictures.PAIRED, without=(), with_it=()),
    replace(pictures.PAIRED, without=(0.0, 5.0), with_it=(1.0,)),
    replace(pictures.PAIRED, without=(5.0,), with_it=(5.0,), low=0.0, high=0.0, limit=0.0),
    replace(pictures.SMALL, layers=()),
    replace(pictures.SMALL, layers=((), ("a",), ())),
    replace(pictures.SMALL, layers=(("omoi_os." + "long_" * 60,),)),
)


def drawn(figure: Figure) -> ET.Element:
    """Read the picture back, which is well-formed then."""
    return ET.fromstring(drawing(figure).picture)  # noqa: S314 - our own text


def styled(root: ET.Element, style: str) -> list[ET.Element]:
    """Find the elements of a class."""
    return [one for one in root.iter() if style in one.get("class", "").split()]


@pytest.mark.parametrize("figure", [*EVERY, *ODD])
def test_every_figure_is_drawn_with_words_for_who_cannot_see_it(figure: Figure) -> None:
    """Also without values, with one value, and with values that are no numbers."""
    root = drawn(figure)
    told = drawing(figure).told
    assert root.get("role") == "img"
    assert told.startswith(root.get("aria-label", "nothing")[:40])
    assert not re.search(r"[\"\s](nan|inf)\b", drawing(figure).picture)


def test_a_histogram_shows_every_value_once() -> None:
    """The bars count as many values as there are, and what lies beyond the limit is set apart."""
    piles = styled(drawn(pictures.SLOW), "pile")
    counted = {one: int((one.findtext("title") or "0").split()[0]) for one in piles}
    assert sum(counted.values()) == len(pictures.SLOW.values)
    beyond = sum(number for one, number in counted.items() if "beyond" in one.get("class", ""))
    assert 0 < beyond <= sum(value > pictures.SLOW.limit for value in pictures.SLOW.values)


def test_limit_and_interval_are_named_with_their_unit() -> None:
    """An interval that nothing bounds above says so."""
    bounded, open_ended = ("".join(drawn(one).itertext()) for one in (pictures.LATENCIES, pictures.SLOW))
    assert "limit 50 ms" in bounded
    assert "p99: 6.6 to 8.4 ms" in bounded
    assert "p95: at least 221 ms" in open_ended


def test_pairs_show_one_dot_each_and_their_limit() -> None:
    """The dot beyond the limit is set apart, and tells its pair."""
    slow = replace(pictures.PAIRED, without=(100.0, 200.0), with_it=(101.0, 220.0))
    dots = styled(drawn(slow), "dot")
    assert [one.get("class") for one in dots] == ["dot", "dot beyond"]
    assert dots[1].findtext("title") == "pair 2: 200 ms without, 220 ms with it, +10.00 %"


def test_imports_against_the_hierarchy_are_numbered_and_listed() -> None:
    """Each has a red arrow between boxes and its file and line below."""
    root = drawn(pictures.SMALL)
    assert len(styled(root, "wrong")) == 4
    assert [one.text for one in styled(root, "badge") if one.tag == "text"] == ["1", "2"]
    assert drawing(pictures.SMALL).listed == (
        "omoi_os.models.task imports omoi_os.services.cost_tracking at omoi_os/models/task.py:12",
        "omoi_os.models.task imports omoi_os.api.routes.costs.fields at omoi_os/models/task.py:14",
    )


def test_an_import_of_no_known_layer_is_listed_without_an_arrow() -> None:
    """Nothing against the hierarchy is lost because it cannot be placed."""
    stray = LayerImport(importer="omoi_os.tools", imported="omoi_os.api.main", where="tools.py:1", allowed=False)
    figure = replace(pictures.SMALL, imports=(stray,))
    assert styled(drawn(figure), "wrong") == []
    assert drawing(figure).listed == ("omoi_os.tools imports omoi_os.api.main at tools.py:1",)


def test_no_box_leaves_its_band_or_covers_another() -> None:
    """Sixty modules stand in rows, each inside the picture."""
    for band in layout.place(pictures.large().layers):
        for number, box in enumerate(band.boxes):
            assert 0 <= box.x <= box.x + box.width <= layout.WIDTH
            assert band.y < box.y <= box.y + layout.BOX < band.y + band.height
            for other in band.boxes[:number]:
                assert box.y != other.y or box.x >= other.x + other.width


def test_a_number_on_an_arrow_hides_no_name() -> None:
    """It is moved along the arrow until it is free."""
    bands = layout.place(pictures.SMALL.layers)
    boxes = {box.module: box for band in bands for box in band.boxes}
    crossing = arrow.between(boxes["omoi_os.models.task"], boxes["omoi_os.api.routes.costs"])
    x, y = crossing.readable(boxes.values(), ())
    assert not any(box.x < x < box.x + box.width and box.y < y < box.y + layout.BOX for box in boxes.values())
    assert crossing.readable(boxes.values(), [(x, y)]) != (x, y)


@pytest.mark.parametrize("ends", [(0.0, 1.0), (3.0, 50.0), (0.4, 9_000.0), (-1.2, 5.0), (1e-6, 1.0), (7.0, 7.0)])
def test_an_axis_holds_its_ends_and_has_a_few_ticks(ends: tuple[float, float]) -> None:
    """Round values between the ends, never so many that they meet."""
    fitted = scale.fitting(ends)
    assert 0 < fitted.place(ends[0]) <= fitted.place(ends[1]) < 100
    assert 1 <= len(fitted.ticks()) <= 8
    assert all(fitted.low <= tick <= fitted.high for tick in fitted.ticks())


def test_hostile_names_stay_text_in_a_picture() -> None:
    """Neither markup nor invisible characters of a platform become part of it."""
    layers = ((specimen.HOSTILE,), ("b",))
    figure = Hierarchy(
        title=specimen.HOSTILE,
        layers=layers,
        imports=(LayerImport(importer="b", imported=specimen.HOSTILE, where=specimen.HOSTILE, allowed=False),),
    )
    line = replace(specimen.EVIDENCE[0], figures=(figure, replace(pictures.SLOW, title="<img src=x>", unit="<b>")))
    page = html_format.render(specimen.report(specimen.record(seen=(line, *specimen.EVIDENCE[1:]))))
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "\x1b" not in page


def test_a_thousand_values_and_sixty_modules_stay_small() -> None:
    """A picture grows with what can be told apart on it."""
    many = replace(pictures.LATENCIES, values=pictures.LATENCIES.values * 100)
    crowd = replace(pictures.PAIRED, without=(5.0,) * 1_000, with_it=(5.1,) * 1_000)
    assert len(drawing(many).picture) < 20_000
    assert len(drawing(crowd).picture) < 100_000
    assert len(drawing(pictures.large()).picture) < 80_000


def test_a_figure_is_told_in_markdown_where_its_check_needs_attention() -> None:
    """A job's summary has no pictures, and says the same in a sentence."""
    rendered = markdown_format.render(specimen.report())
    assert "1,000 values from" in rendered
    assert "2 of them against the hierarchy" in rendered


def test_a_distribution_without_spread_has_an_axis() -> None:
    """All values and the limit at one place are drawn there."""
    flat = Distribution(title="", unit="s", values=(2.0, 2.0), quantile=0.5, low=2.0, high=2.0, limit=2.0)
    assert len(styled(drawn(flat), "pile")) == 1
