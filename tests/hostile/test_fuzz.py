"""Guided fuzzing runs, a few seconds a target; `python -m tests.hostile.fuzz` runs as long as it is let."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.fuzz import TARGETS, seeds

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed: pip install 'paomo[fuzz]'"
)


@pytest.mark.parametrize("target", TARGETS)
def test_no_seed_breaks_anything(target: str) -> None:
    attempt = TARGETS[target]()
    for seed in (b"", b"\x00", *seeds(target)):
        attempt(seed)


@needs_atheris
@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_some_seconds_of_guided_fuzzing_find_nothing(target: str, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.hostile.fuzz",
        target,
        "--seconds",
        "4",
        "--folder",
        str(tmp_path),
    ]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "stat::number_of_executed_units" in done.stderr
    assert not list(tmp_path.glob("*-crash-*"))


@needs_atheris
def test_a_fault_is_found_and_kept(tmp_path: Path) -> None:
    """The loop itself: a target that breaks ends it with exit code 1 and the input on disk."""
    script = (
        "import tests.hostile.fuzz as fuzz\n"
        "def broken():\n"
        "    def attempt(data):\n"
        "        assert 0 not in data\n"  # no seed holds NUL
        "    return attempt\n"
        "fuzz.TARGETS['listing'] = broken\n"
        f"fuzz.inside('listing', ['-artifact_prefix={tmp_path}/x-', '-max_total_time=60'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    (found,) = tmp_path.glob("x-crash-*")
    assert 0 in found.read_bytes()
