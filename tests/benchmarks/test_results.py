"""`make bench` in small: every part of the page is made, and exponents are printed. No test asks for a time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.figure import Figure
from benchmarks.growth import STAGES
from benchmarks.results import BENCHMARKS, Run, kept, page, shown

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_small_sizes_make_the_whole_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.results", "--quick", "--only", "growth", "quantities"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "No figure here counts" in written
    assert "## How cost grows" in written
    for stage in STAGES:
        assert re.search(rf"^{stage} +-?\d+\.\d\d +-?\d+\.\d\d +-?\d+\.\d\d   \w+", written, re.MULTILINE), (
            stage
        )
        assert f"| growth: {stage}, time (up to 400 documents) |" in written
    runs = kept(tmp_path / "figures.json")
    assert {name: run.code for name, run in runs.items()} == {"quantities": 0, "growth": 0}
    peers = {figure.peer for figure in runs["growth"].figures} - {None}
    assert len(peers) == 3


def test_figures_that_do_not_count_are_not_put_where_those_lie_that_do() -> None:
    command = [sys.executable, "-m", "benchmarks.results", "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_what_is_below_is_listed() -> None:
    figures = [
        Figure(stage="good", value=2.0, unit="x", peer="p", peer_value=1.0),
        Figure(stage="bad", value=1.0, unit="x", peer="p", peer_value=2.0),
        Figure(stage="slow", value=9.0, unit="s", goal=1.0, less_is_better=True),
    ]
    run = Run("growth", "python -m benchmarks.growth", "2026-01-01 00:00", 1.0, 3, "printed", figures)
    text = page([run], ["machine: none"], quick=False)
    below = text.partition("## Below the goal or the peer")[2].partition("\n## ")[0]
    assert "bad: 1 x (0.50 times p)" in below
    assert "slow: 9 s (at most 1 is asked)" in below
    assert "exit code 3" in below
    assert "good" not in below
    assert "| good | 2 x | p: 1 | 2.00 |  | yes |" in text


def test_what_is_measured_again_counts_as_it_was_then() -> None:
    first = [
        Figure(stage="load", value=9.0, unit="s", goal=1.0, less_is_better=True),
        Figure(stage="other", value=1.0, unit="s"),
    ]
    again = [Figure(stage="load", value=0.5, unit="s", goal=1.0, less_is_better=True)]
    runs = [
        Run("growth", "python -m a", "2026-01-01 00:00", 1.0, 0, "printed", first),
        Run("growth-warehouse", "python -m b", "2026-01-02 00:00", 1.0, 0, "printed again", again),
    ]
    text = page(runs, ["machine: none"], quick=False)
    assert "| load | 0.5 s |" in text
    assert "| load | 9 s |" not in text
    assert "| other | 1 s |" in text
    assert "Nothing: every figure reaches its goal" in text
    assert text.index("printed") < text.index("printed again"), "both stand there, each with its day"


def test_no_folder_of_this_machine_is_printed() -> None:
    assert shown(["python", "-m", "x", "--beside", "/root/secret"]) == "python -m x --beside SITE"


def test_every_benchmark_of_the_folder_is_run() -> None:
    """Whoever adds one adds it to the list; the others are not commands that measure."""
    parts = {"__init__", "figure", "made", "results", "arithmetic", "noise"}
    files = {file.stem for file in (ROOT / "benchmarks").glob("*.py")} - parts
    assert files == {benchmark.words[0] for benchmark in BENCHMARKS}


def test_the_page_in_the_repository_is_made_of_its_figures() -> None:
    folder = ROOT / "benchmarks"
    facts = json.loads((folder / "figures.json").read_text("utf-8"))
    text = page(list(kept(folder / "figures.json").values()), facts["about"], quick=facts["quick"])
    assert (folder / "RESULTS.md").read_text("utf-8") == text.rstrip() + "\n"
    assert not facts["quick"]
