"""The map of the provinces: outlines of the 34 units, coloured by the projects named in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from warehouse.report.words import Words

BARE, EDGE, HALO = "#e9eaeb", "#b4b6b8", "#fdfefd"
"""Colours that `charts.inline` hands over to the page; nothing else on a chart uses them."""
SHADES = ("#9cc7ec", "#1f6fb5")
"""One project, and the most in any province."""
WIDTH, HEIGHT = 620, 470
_CENTRE, _PARALLELS = 105, (25, 47)
"""Albers' projection as maps of China are commonly drawn: meridian and standard parallels in degrees."""


@cache
def outlines() -> dict[str, dict[str, Any]]:
    """GeoJSON features by short name (北京, 内蒙古): code (GB/T 2260), outline, label's place; degrees."""
    text = (files("warehouse") / "outlines" / "provinces.geojson").read_text("utf-8")
    return {feature["properties"]["name"]: feature for feature in json.loads(text)["features"]}


def counted(rows: list[dict[str, Any]]) -> Mapping[str, int]:
    """Named projects by province, of the rows of `capacity_pipeline`; only places that are on the map."""
    found: Counter[str] = Counter()
    for row in rows:
        if row["province"] in outlines():
            found[row["province"]] += row["projects"]
    return found


def province_map(rows: list[dict[str, Any]], words: Words, *, ink: str) -> Any:
    """The map as an Altair chart; None where no row lies in a province."""
    import altair as alt

    counts = counted(rows)
    if not counts:
        return None
    drawn = [_region(name, counts.get(name, 0), words) for name in outlines()]
    labels = [_label(name, n) for name, n in counts.items()]
    most = max(counts.values())
    shape = {"stroke": EDGE, "strokeWidth": 0.7}
    bare = _chart([one for one in drawn if not one["n"]]).mark_geoshape(fill=BARE, **shape)
    told = (
        _chart([one for one in drawn if one["n"]])
        .mark_geoshape(**shape)
        .encode(
            color=alt.Color(
                "n:Q",
                scale=alt.Scale(domain=[1, max(most, 2)], range=list(SHADES)),
                legend=alt.Legend(
                    title=words("pipeline_y"), format="d", tickMinStep=1, values=sorted({1, most}), offset=0
                ),
            ),
            href="href:N",
            description=alt.Description("said:N"),
        )
    )
    place = {"longitude": "x:Q", "latitude": "y:Q", "text": "n:Q"}
    halo = _chart(labels).mark_text(fontWeight="bold", stroke=HALO, strokeWidth=3, color=HALO).encode(**place)
    text = _chart(labels).mark_text(fontWeight="bold", color=ink).encode(**place)
    return (
        alt.layer(bare, told, halo, text)
        .project(type="conicEqualArea", rotate=[-_CENTRE, 0, 0], parallels=list(_PARALLELS))
        .properties(width=WIDTH, height=HEIGHT)
    )


def _chart(rows: list[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.Chart({"values": rows})


def _region(name: str, n: int, words: Words) -> dict[str, Any]:
    feature = outlines()[name]
    said = f"{words.value(name)}: {n} {words('pipeline_y')}"
    return {**feature, "n": n, "href": f"#pipeline-table-{name}", "said": said}


def _label(name: str, n: int) -> dict[str, Any]:
    x, y = outlines()[name]["properties"]["label"]
    return {"x": x, "y": y, "n": n}
