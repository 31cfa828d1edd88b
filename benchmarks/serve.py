"""Requests a second of `paomo serve`'s main pages on loopback, beside Datasette over the same tables.

`python -m benchmarks.serve [--datasette PROGRAM]` needs wrk (Debian's package of that name). Each server runs
as one process; 50 connections, 5 seconds a page after one request that warms it; Datasette reads the tables
exported to SQLite. Rows: 5,000 cancellations, 20,000 quotes. Not like for like: paomo keeps each answer until
another snapshot counts (the column `first` is what one costs unkept), Datasette computes every one anew.
"""

from __future__ import annotations

import argparse
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.figure import Figure, report
from tests.warehouse.large import grow
from tests.warehouse.serving import serving
from warehouse import ask
from warehouse.export import export
from warehouse.home import Home

SECONDS, CONNECTIONS = 5, 50


def measure(address: str) -> tuple[str, float]:
    """One line of a table (requests a second, p99, bytes), and the requests a second."""
    begun = time.monotonic()
    with urllib.request.urlopen(address, timeout=120) as first:
        size = len(first.read())
    warm = time.monotonic() - begun
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", address]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    slow = re.search(r"99%\s+(\S+)", printed)
    refused = re.search(r"Non-2xx.*: (\d+)", printed)
    if not rate or not slow:
        raise SystemExit(f"wrk printed no figures:\n{printed}")
    wrong = f" ({refused[1]} refused)" if refused else ""
    return f"{float(rate[1]):9.0f} {slow[1]:>9} {warm * 1000:8.0f} ms {size / 1000:8.0f} kB{wrong}", float(
        rate[1]
    )


@contextmanager
def datasette(program: str, file: Path) -> Iterator[str]:
    """Datasette over one SQLite file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", str(file), "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/versions.json", timeout=5).close()
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/{file.stem}"
    finally:
        process.terminate()
        process.wait(20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--datasette", default=shutil.which("datasette"), help="the program, if not on the path"
    )
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").make()
        grow(home, contracts=5000, quotes=20_000)
        ((event_id,),) = ask.sql(home, "SELECT event_id FROM cancellations LIMIT 1").rows
        print(f"{'page':<44} {'req/s':>9} {'p99':>9} {'first':>11} {'size':>11}")
        ours: dict[str, float] = {}
        theirs: dict[str, float] = {}
        with serving(home) as site:
            for page in (
                "/",
                f"/event/{event_id}",
                "/view/cancellations",
                "/api/views/cancellations?limit=100",
                "/sql",
            ):
                line, ours[page] = measure(site + page)
                print(f"paomo {page[:36]:<38} {line}", flush=True)
        if options.datasette:
            export(home, Path(folder) / "out", ["sqlite"])
            with datasette(options.datasette, Path(folder) / "out" / "paomo.sqlite") as site:
                for page in ("/cancellations", "/cancellations.json?_size=100"):
                    line, theirs[page] = measure(site + page)
                    print(f"datasette {page:<34} {line}", flush=True)
        for mine, other in (
            ("/view/cancellations", "/cancellations"),
            ("/api/views/cancellations?limit=100", "/cancellations.json?_size=100"),
        ):
            peer = {"peer": "Datasette", "peer_value": theirs[other]} if other in theirs else {}
            report(Figure(stage=f"serving {mine}", value=ours[mine], unit="requests/s", **peer))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
