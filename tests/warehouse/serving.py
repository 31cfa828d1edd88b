"""`paomo serve` as a process of its own on a free port of loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from warehouse.home import Home


@contextmanager
def serving(home: Home, *options: str) -> Iterator[str]:
    """The site's address, without the slash at its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from warehouse.cli import main; main()",
        "serve",
        "--home",
        str(home.root),
    ]
    process = subprocess.Popen([*command, "--port", str(port), *options], env={**os.environ, "NO_PROXY": "*"})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with suppress(OSError):
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)
