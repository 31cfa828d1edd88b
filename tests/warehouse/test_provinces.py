"""The map: all 34 units, by the names the warehouse has, drawn the right way round, its numbers led to."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from nlp.place import find_places
from tests.warehouse.large import PLACES, grow
from tests.warehouse.test_report import Page
from warehouse import ask
from warehouse.home import Home
from warehouse.report.charts import INK, charts, inline
from warehouse.report.panels import PROOFS, gather
from warehouse.report.provinces import HALO, counted, outlines
from warehouse.report.words import Language, Words
from warehouse.report.write import write


@pytest.fixture
def grown(home: Home) -> Home:
    grow(home, contracts=130, quotes=0, others=130)
    return home


def test_the_units_are_those_of_the_gazetteer() -> None:
    lexicon = Path(__file__).parents[2] / "nlp" / "lexicon" / "places.tsv"
    rows = [line.split("\t") for line in lexicon.read_text("utf-8").splitlines()]
    assert {row[1] for row in rows if row[0] == "province"} == set(outlines())
    assert len(outlines()) == 34
    for name in outlines():
        assert [place.province for place in find_places(name)] == [name]


def test_outlines_run_clockwise_and_hold_their_label() -> None:
    """The other way round d3 takes a province for the rest of the earth."""
    for name, feature in outlines().items():
        shape = feature["geometry"]
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        for rings in polygons:
            for number, ring in enumerate(rings):
                assert ring[0] == ring[-1], name
                area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
                assert (area < 0) is (number == 0), name
        points = [point for rings in polygons for ring in rings for point in ring]
        for axis, at in enumerate(feature["properties"]["label"]):
            assert min(p[axis] for p in points) - 1 <= at <= max(p[axis] for p in points) + 1, name


def test_it_counts_what_the_view_counts(grown: Home) -> None:
    panels = gather(grown)
    query = "SELECT province, sum(projects) FROM capacity_pipeline WHERE province IS NOT NULL GROUP BY 1"
    assert dict(counted(panels["pipeline"].rows)) == dict(ask.sql(grown, query).rows)
    assert set(counted(panels["pipeline"].rows)) <= set(PLACES)
    for row in panels["pipeline"].rows:
        assert len(row["proofs"]) == min(row["projects"], PROOFS)
        assert set(row["proofs"]) <= set(panels.evidence)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_number_leads_to_its_row(grown: Home, tmp_path: Path, language: Language) -> None:
    html = write(grown, tmp_path / "r.html", language=language, folder=tmp_path / "charts").file.read_text(
        "utf-8"
    )
    page = Page(html)
    leading = {link[1:] for link in page.links if link.startswith("#pipeline-table-")}
    assert leading == {f"pipeline-table-{p or '?'}" for p in _provinces(grown)}
    assert leading <= page.ids
    assert (tmp_path / "charts" / "map.png").read_bytes()[:4] == b"\x89PNG"
    word = {"en": "Shanghai", "zh": "上海"}[language]
    assert re.search(rf'aria-label="{word}: \d+', html)


def test_the_page_gives_the_map_its_colours(grown: Home) -> None:
    svg = inline(charts(gather(grown), Words("en"))["map"])
    assert INK not in svg
    assert HALO not in svg
    assert "var(--card)" in svg


def _provinces(home: Home) -> set[str | None]:
    return {province for (province,) in ask.sql(home, "SELECT DISTINCT province FROM capacity_pipeline").rows}
