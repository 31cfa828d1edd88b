"""Figures that the crawler's tests are asked to show, printed after the run whatever process made them."""

from __future__ import annotations

from typing import Any

import pytest

KEYS = ("paomo/kills", "paomo/faults", "paomo/workers killed")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and config.cache is not None:
        for key in KEYS:
            config.cache.set(key, [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for key in KEYS:
        lines = config.cache.get(key, []) if config.cache is not None else []
        if lines:
            terminalreporter.section(key.partition("/")[2])
            for line in lines:
                terminalreporter.write_line(line)
