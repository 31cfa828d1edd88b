"""One figure: its ratio, whether it reaches what it must, and its way through the file of figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figure import COLLECTED_IN, Figure, collected, report

NUMBERS = st.floats(0.001, 1e9)


@pytest.mark.parametrize(
    ("facts", "ratio", "reached"),
    [
        ({"value": 6.0, "peer": "x", "peer_value": 3.0}, 2.0, True),
        ({"value": 3.0, "peer": "x", "peer_value": 6.0}, 0.5, False),
        ({"value": 3.0, "peer": "x", "peer_value": 6.0, "ratio_goal": 0.5}, 0.5, True),
        ({"value": 3.0, "peer": "x", "peer_value": 6.0, "less_is_better": True}, 2.0, True),
        ({"value": 3.0, "goal": 3.0}, None, True),
        ({"value": 3.1, "goal": 3.0, "less_is_better": True}, None, False),
        ({"value": 9.0, "goal": 3.0, "peer": "x", "peer_value": 10.0}, 0.9, True),
        ({"value": 9.0, "goal": 3.0, "peer": "x", "peer_value": 10.0, "ratio_goal": 1.0}, 0.9, False),
        ({"value": 9.0}, None, None),
    ],
)
def test_ratio_and_goal(facts: dict[str, object], ratio: float | None, reached: bool | None) -> None:
    figure = Figure(stage="s", unit="u", **facts)  # type: ignore[arg-type]
    assert figure.ratio == ratio
    assert figure.reached is reached


@given(NUMBERS, NUMBERS)
def test_a_ratio_above_one_is_better_whichever_way_the_unit_counts(ours: float, theirs: float) -> None:
    more = Figure(stage="s", unit="pages/s", value=ours, peer="x", peer_value=theirs)
    less = Figure(stage="s", unit="seconds", value=ours, peer="x", peer_value=theirs, less_is_better=True)
    assert more.ratio is not None
    assert less.ratio is not None
    assert more.ratio * less.ratio == pytest.approx(1)


def test_what_is_reported_is_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = Figure(stage="算力", unit="个", value=1.0), Figure(stage="b", unit="MB", value=2.0, note="n")
    report(one)  # nobody collects: nothing happens
    monkeypatch.setenv(COLLECTED_IN, str(tmp_path / "figures.jsonl"))
    report(one)
    report(two)
    assert collected((tmp_path / "figures.jsonl").read_text("utf-8").splitlines()) == [one, two]
