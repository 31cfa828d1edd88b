"""Charts as SVG through Altair and vl-convert: no script library, no link that loads anything.

In the page they take the page's colours (`inline`), as files they stand alone on white (`save`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.report.panels import Panels, Record
from warehouse.report.provinces import BARE, EDGE, HALO, province_map
from warehouse.report.words import Words

if TYPE_CHECKING:
    import altair as alt

INK, GRID = "#1a1b1c", "#d7d8d9"
_OWN = {
    INK: "currentColor",
    GRID: "var(--line)",
    BARE: "var(--card)",
    EDGE: "var(--faint)",
    HALO: "var(--paper)",
}
"""Colours that `inline` hands over to the page; nothing else on a chart uses them."""
PALETTE = ("#3b82c4", "#d3760b", "#2a9d6f", "#c8553d", "#8e6bbf", "#a3842b", "#4f9aa8", "#b5657f")
"""Told apart on white and on black; held to 3:1 against both by a test."""
WIDTH, HEIGHT = 720, 220
QUARTER, TICKS = 92, 8
STAGES = (
    "announced", "approved", "tender", "under_construction", "completed", "operating", "idle", "suspended",
    "cancelled", "unknown",
)  # fmt: skip
"""A project's way, in the order it is drawn."""


_EVENT = re.compile(r'xlink:href="[^"#]*#e-([0-9a-f]+)"')
_LIST = "#cancellations"
_ON_THE_PAGE = re.compile(r'xlink:href="[^"#]*#([^"]+)"')
"""vl-convert makes every address absolute, on a host of its own."""


def charts(panels: Panels, words: Words, *, link: str = "#e-") -> dict[str, str]:
    """SVG by the name of the panel; a panel with nothing to draw has none.

    `link` stands before an event id in the address that a dot leads to.
    """
    import vl_convert

    drawn = {}
    for name, draw in _CHARTS.items():
        chart = draw(panels, words)
        if chart is not None:
            svg = str(vl_convert.vegalite_to_svg(_styled(chart).to_dict()))
            # the table behind the chart has the same links; nobody should tab through three hundred dots
            svg = _EVENT.sub(lambda m: f'href="{escape(link)}{m[1]}" tabindex="-1"', svg)
            drawn[name] = _ON_THE_PAGE.sub(r'href="#\1"', svg)
    return drawn


def inline(svg: str) -> str:
    """The same chart in the page's own colours, dark or light."""
    for colour, own in _OWN.items():
        svg = svg.replace(colour, own)
    return svg


def save(drawn: dict[str, str], folder: Path) -> list[Path]:
    """Write each chart as SVG and PNG; the files written."""
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, svg in drawn.items():
        alone = svg.replace("<g ", '<rect width="100%" height="100%" fill="white"/><g ', 1)
        for file, content in (
            (folder / f"{name}.svg", alone.encode()),
            (folder / f"{name}.png", vl_convert.svg_to_png(alone, scale=2)),
        ):
            file.write_bytes(content)
            written.append(file)
    return written


def _styled(chart: alt.TopLevelMixin) -> Any:
    styled: Any = chart
    return styled.configure(
        background="transparent",
        font="system-ui, sans-serif",
        range={"category": list(PALETTE)},
        axis={
            "labelColor": INK, "titleColor": INK, "gridColor": GRID, "domainColor": GRID, "tickColor": GRID,
            "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
        },
        legend={
            "labelColor": INK, "titleColor": INK, "labelFontSize": 12, "orient": "top", "title": None,
            "columnPadding": 20,
        },
        view={"stroke": None},
        text={"color": INK, "fontSize": 11},
    )  # fmt: skip


def _chart(rows: Sequence[Record]) -> Any:
    import altair as alt

    from warehouse.plain import plain

    chart = alt.Chart({"values": [plain(row) for row in rows]})
    return chart.properties(width=WIDTH, height=HEIGHT)


def _days(days: Iterable[Any]) -> alt.X:
    """The axis of `at`: labels by the month, by the day within a quarter, never the same twice."""
    import altair as alt

    parsed = [date.fromisoformat(str(day)) for day in days]
    span = (max(parsed) - min(parsed)).days
    if span > QUARTER:
        form, step = "%Y-%m", alt.TimeIntervalStep("month", max(1, round(span / 30 / TICKS)))
    else:
        form, step = "%Y-%m-%d", alt.TimeIntervalStep("day", max(1, round(span / TICKS)))
    return alt.X(
        "at:T",
        title=None,
        axis=alt.Axis(format=form, tickCount=step, labelOverlap="greedy", labelSeparation=12),
        scale=alt.Scale(type="utc", padding=8),
    )


def _bars(rows: Sequence[Record], months: Sequence[str], title: str, *, whole: bool = True) -> Any:
    """Stacked bars of `n` a month, coloured by `part`; few months make a narrow chart, not broad bars."""
    import altair as alt

    step = max(1, len(months) // 12)
    axis = alt.Axis(tickMinStep=1, format="d") if whole else alt.Axis()
    return (
        _chart(rows)
        .mark_bar()
        .encode(
            x=alt.X(
                "month:O",
                title=None,
                scale=alt.Scale(domain=months),
                axis=alt.Axis(values=months[::step], labelAngle=0),
            ),
            y=alt.Y("n:Q", title=title, axis=axis),
            color=alt.Color("part:N"),
            **({"href": alt.Href("href:N")} if "href" in rows[0] else {}),
        )
        .properties(width=max(260, min(WIDTH, 72 * len(months))))
    )


def _monthly(panels: Panels, words: Words) -> Any:
    rows = [
        {"month": r["month"], "part": words.value(r["reason"]), "n": r["contracts"], "href": _LIST}
        for r in panels["monthly"].rows
    ]
    return _bars(rows, _month_names(panels), words("monthly_y")) if rows else None


def _cumulative(panels: Panels, words: Words) -> Any:
    months = _month_names(panels)
    added = {(r["month"], r["reason"]): float(r["amount_cny"] or 0) for r in panels["monthly"].rows}
    rows = []
    for reason in sorted({reason for _, reason in added}):
        total = 0.0
        for month in months:
            total += added.get((month, reason), 0) / 1e8
            rows.append({"month": month, "part": words.value(reason), "n": round(total, 4), "href": _LIST})
    if not any(row["n"] for row in rows):
        return None
    return _bars(rows, months, words("cumulative_y"), whole=False)


def _month_names(panels: Panels) -> list[str]:
    return [r["month"] for r in panels["months"].rows]


def _survival(panels: Panels, words: Words) -> Any:
    import altair as alt

    rows = panels["survival"].rows
    if len(rows) < 2:
        return None
    chart = _chart(rows)
    x = alt.X("month:Q", title=words("survival_x"), axis=alt.Axis(tickMinStep=1, grid=False))
    band = chart.mark_area(interpolate="step-after", opacity=0.18, color=PALETTE[0]).encode(
        x=x, y=alt.Y("lower:Q", title=words("survival_y"), scale=alt.Scale(domain=[-0.12, 1])), y2="upper:Q"
    )
    line = chart.mark_line(interpolate="step-after", color=PALETTE[0]).encode(x=x, y="survival:Q")
    step = max(1, len(rows) // 12)
    risk = (
        _chart(rows[::step])
        .mark_text(baseline="middle", color=INK)
        .encode(x=x, y=alt.datum(-0.07), text="at_risk:Q")
    )
    return alt.layer(band, line, risk)


def _rents(panels: Panels, words: Words) -> Any:
    import altair as alt

    dots = [
        {**r, "at": r["day"], "href": f"#e-{r['event_id']}", "price": float(r["rent"])}
        for r in panels.dots.rows
    ]
    if not dots:
        return None
    lines = [
        {**r, "at": f"{r['month']}-01", "line": f"{r['item']} {r['tenure']}"} for r in panels["rents"].rows
    ]
    y = alt.Y("price:Q", title=words("rents_y"), scale=alt.Scale(zero=True))
    x = _days([one["at"] for one in (*dots, *lines)])
    points = (
        _chart(dots)
        .mark_circle(size=55, opacity=1, stroke=HALO, strokeWidth=0.7)
        .encode(x=x, y=y, color=alt.Color("item:N"), href="href:N", description=alt.Description("as_of:N"))
    )
    line = _chart(lines).mark_line(strokeWidth=2).encode(
        x=x, y=alt.Y("median:Q"), color=alt.Color("item:N"), detail="line:N",
        strokeDash=alt.StrokeDash("tenure:N", legend=None),
    )  # fmt: skip
    return alt.layer(line, points)


def _payback(panels: Panels, words: Words) -> Any:
    import altair as alt

    rows = [
        {
            "item": r["item"], "basis": words.value(r["basis"]), "months": float(r["months"]),
            "href": f"#payback-table-{r['item'].replace(' ', '-')}",
        }
        for r in panels["payback"].rows
        if r["months"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    order = [words.value(b) for b in ("claimed", "peak", "current")]
    return (
        _chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("months:Q", title=words("payback_y")),
            y=alt.Y("item:N", title=None),
            yOffset=alt.YOffset("basis:N", sort=order),
            color=alt.Color("basis:N", sort=order),
            href="href:N",
        )
        .properties(height=alt.Step(16))
    )


def _map(panels: Panels, words: Words) -> Any:
    return province_map(panels["pipeline"].rows, words, ink=INK)


def _pipeline(panels: Panels, words: Words) -> Any:
    import altair as alt

    rows = [
        {
            "province": words.value(r["province"]), "stage": words.value(r["stage"]), "n": r["projects"],
            "href": f"#pipeline-table-{r['province']}", "rank": STAGES.index(r["stage"]),
        }
        for r in panels["pipeline"].rows
    ]  # fmt: skip
    if not rows:
        return None
    most = max(sum(r["n"] for r in rows if r["province"] == p) for p in {r["province"] for r in rows})
    told = {r["stage"] for r in rows}
    order = [stage for stage in map(words.value, STAGES) if stage in told]
    return (
        _chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("n:Q", title=words("pipeline_y"), axis=alt.Axis(tickCount=min(most, 8), format="d")),
            y=alt.Y("province:N", title=None, sort="-x"),
            color=alt.Color("stage:N", sort=order),
            order=alt.Order("rank:Q"),
            href="href:N",
        )
        .properties(height=alt.Step(20))
    )


def _utilisation(panels: Panels, words: Words) -> Any:
    import altair as alt

    rows = [
        {
            "at": r["day"], "href": f"#e-{r['event_id']}", "metric": words.value(r["metric"]),
            "rate": 100 - float(r["rate"]) if r["metric"] == "vacancy" else float(r["rate"]),
            "said": "target" if r["status"] == "target" else "observed",
        }
        for r in panels["utilisation"].rows
        if r["day"] is not None
    ]  # fmt: skip
    if not rows:
        return None
    x = _days([row["at"] for row in rows])
    y = alt.Y("rate:Q", title=words("utilisation_y"), scale=alt.Scale(domain=[0, 100]))
    kinds = [
        _chart([row for row in rows if row["said"] == said])
        .mark_point(size=60, strokeWidth=2, opacity=1, filled=said != "target")
        .encode(x=x, y=y, color=alt.Color("metric:N"), href="href:N")
        for said in ("observed", "target")
        if any(row["said"] == said for row in rows)
    ]
    return alt.layer(*kinds)


def _coverage(panels: Panels, words: Words) -> Any:
    rows = [
        {"month": r["month"], "part": str(r["source"]), "n": r["documents"]} for r in panels["coverage"].rows
    ]
    months = sorted({r["month"] for r in rows})
    return _bars(rows, months, words("coverage_y")) if rows else None


_CHARTS: dict[str, Callable[[Panels, Words], Any]] = {
    "monthly": _monthly,
    "cumulative": _cumulative,
    "survival": _survival,
    "rents": _rents,
    "payback": _payback,
    "map": _map,
    "pipeline": _pipeline,
    "utilisation": _utilisation,
    "coverage": _coverage,
}
