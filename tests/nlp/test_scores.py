"""The floors of extraction hold on every labelled file that is there; floors.json is lowered by no one in passing."""

from __future__ import annotations

import json

import pytest

from benchmarks.scores import FLOORS, LABELLED, figures, labelled

HELD = json.loads(FLOORS.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LABELLED)
def test_floors_hold(name: str) -> None:
    if not LABELLED[name].exists():
        pytest.skip(f"{LABELLED[name].name} lies in shared/ beside the project, which is not there")
    reached = figures(labelled(name))
    assert HELD[name]
    broken = {measure: reached[measure] for measure, floor in HELD[name].items() if reached[measure] < floor}
    assert broken == {}


def test_every_quote_of_the_own_texts_is_exact() -> None:
    exact, quotes = labelled("own").evidence
    assert quotes > 400
    assert exact == quotes
