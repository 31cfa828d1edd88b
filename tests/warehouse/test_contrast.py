"""Contrast by WCAG 2.2: text 4.5 to 1, what draws or frames 3 to 1; in light, dark and print."""

from __future__ import annotations

import re

import pytest

from warehouse.report.charts import PALETTE
from warehouse.report.pages import STATIC
from warehouse.report.provinces import SHADES

TEXT, DRAWN = 4.5, 3.0
CSS = (STATIC / "paomo.css").read_text("utf-8")
ROOTS = [dict(re.findall(r"--([\w-]+): (#\w+)", root)) for root in re.findall(r":root \{([^}]*)\}", CSS)]
SCHEMES = {"light": ROOTS[0], "dark": {**ROOTS[0], **ROOTS[1]}, "print": {**ROOTS[0], **ROOTS[2]}}
READ = (
    ("ink", "paper"), ("ink", "card"), ("faint", "paper"), ("faint", "card"), ("link", "paper"), ("link", "card"),
    ("mark-ink", "mark"),
)  # fmt: skip


def light(colour: str) -> float:
    """Relative luminance of #rgb or #rrggbb."""
    full = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "paper"), READ)
def test_text_can_be_read(scheme: str, ink: str, paper: str) -> None:
    colours = SCHEMES[scheme]
    assert contrast(colours[ink], colours[paper]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", [*PALETTE, SHADES[1]])
def test_marks_stand_out(scheme: str, colour: str) -> None:
    assert contrast(colour, SCHEMES[scheme]["paper"]) >= DRAWN


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_edges_of_boxes_and_provinces_stand_out(scheme: str) -> None:
    """--faint frames boxes of a form and borders of the map; provinces with projects differ by their number, too."""
    colours = SCHEMES[scheme]
    assert contrast(colours["faint"], colours["card"]) >= DRAWN
    assert contrast(colours["faint"], colours["paper"]) >= DRAWN
