"""A Redis of the tests' own: on a free port of loopback, in a temporary folder, gone when the test is."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


def needs_redis() -> None:
    """Skip where the server or the extra is missing."""
    pytest.importorskip("scrapy_redis", reason="the extra `redis` is not installed")
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here: `apt-get install redis-server`")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def redis_server(folder: Path | None = None, *, port: int = 0) -> Iterator[str]:
    """The address of a Redis that saves nothing by itself; it begins with what `folder` holds."""
    with TemporaryDirectory(prefix="paomo-redis-") as own:
        place, port = folder or Path(own), port or free_port()
        where = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(place)]
        with (place / "log").open("w") as log:
            server = subprocess.Popen(["redis-server", *where, "--save", ""], stdout=log, stderr=log)
        try:
            _wait(server, port, place / "log")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    while server.poll() is None:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise AssertionError(f"redis-server did not start: {log.read_text()}")
