"""Figures that the crawler's tests are asked to show, printed after the run whatever process made them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.crawler.redis_server import needs_redis, redis_server

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


@pytest.fixture
def queue() -> Iterator[str]:
    needs_redis()
    with redis_server() as address:
        yield address


@pytest.fixture
def server(queue: str) -> Any:
    from crawler.shared.share import connected

    return connected(queue)
