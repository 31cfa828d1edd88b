"""Requests a second of `paomo serve` on loopback, beside Datasette over the same tables in the same run.

`python -m benchmarks.serve [--datasette PROGRAM | --alone]` needs wrk (Debian's package of that name).
Datasette is installed into a throwaway environment of its own, with the same event loop and parser, and reads
the tables exported to SQLite, immutable, its row counts known beforehand, without guessing facets: at its
quickest. Each server is one process on the same ledger (5,000 cancellations, 20,000 quotes), one at a time;
50 connections.

paomo keeps an answer until another snapshot counts, Datasette computes every one anew. Both are measured:
`kept` asks for one address again and again, `anew` for another part of the table with every request.
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
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

from benchmarks.figure import Figure, report
from tests.warehouse.large import grow
from tests.warehouse.serving import serving
from warehouse import ask
from warehouse.export import export
from warehouse.home import Home

SECONDS, CONNECTIONS, PATIENCE = 8, 50, 60
"""Of one measurement; PATIENCE: seconds until a request is lost. wrk's own two lost most of Datasette's."""
PEER = ("datasette==0.65.5", "uvloop==0.23.0", "httptools==0.9.0")
FAST, SOON = 200, 100
"""What the pages of paomo must reach: requests a second, and milliseconds that 99 of 100 take at most."""
QUERY = "SELECT reason, count(*) AS n, sum(amount) AS amount FROM contracts GROUP BY reason ORDER BY reason"


@dataclass(frozen=True, slots=True)
class Work:
    """The same work for both; an address that ends in `=` gets another offset with every request."""

    name: str
    ours: str
    theirs: str | None = None
    goal: bool = False


@dataclass(frozen=True, slots=True)
class Speed:
    """What wrk said: requests a second, milliseconds that half and 99 of 100 took, requests gone wrong."""

    rate: float
    half: float
    most: float
    wrong: int
    size: int


def works(event_id: str) -> list[Work]:
    """What is asked for, the same of both where both have it."""
    sql = quote_plus(QUERY)
    page, rows = "/view/contracts", "/api/views/contracts?limit=100"
    their_page, their_rows = "/paomo/contracts?_size=100", "/paomo/contracts.json?_size=100"
    their_sql = f"/paomo.json?sql={sql}"
    return [
        Work("home page", "/", "/", goal=True),
        Work("page of SQL", "/sql", goal=True),
        Work("page of an event", f"/event/{event_id}", goal=True),
        Work("table of 100 rows, kept", page, their_page, goal=True),
        Work("table of 100 rows, anew", f"{page}?offset=", f"{their_page}&_next="),
        Work("JSON of 100 rows, kept", rows, their_rows, goal=True),
        Work("JSON of 100 rows, anew", f"{rows}&offset=", f"{their_rows}&_next="),
        Work("query as JSON, kept", f"/api/sql?q={sql}", their_sql, goal=True),
        Work("query as JSON, anew", f"/api/sql?q={sql}&limit=", f"{their_sql}+LIMIT+:n&n="),
    ]


_ANEW = """
local n = 0
request = function()
  n = n + 37
  return wrk.format("GET", "{path}" .. (1 + n % 4801))
end
"""


def measure(site: str, path: str, folder: Path) -> Speed:
    """50 connections for some seconds, after one request that warms."""
    anew = path.endswith("=")
    with urllib.request.urlopen(f"{site}{path}{'1' if anew else ''}", timeout=PATIENCE) as first:
        size = len(first.read())
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", f"{PATIENCE}s", "--latency"]
    if anew:
        script = folder / "anew.lua"
        script.write_text(_ANEW.format(path=path), "utf-8")
        command += ["-s", str(script)]
    printed = subprocess.run([*command, site + path], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    half, most = (re.search(rf"{part}%\s+([\d.]+)(us|ms|s|m)\s", printed) for part in (50, 99))
    wrong = [int(n) for n in re.findall(r"(?:Non-2xx.*: |timeout |connect |read |write )(\d+)", printed)]
    if not rate or not half or not most:
        raise SystemExit(f"{path}: wrk printed no figures:\n{printed}")
    return Speed(float(rate[1]), _milliseconds(half), _milliseconds(most), sum(wrong), size)


def _milliseconds(found: re.Match[str]) -> float:
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[found[2]]


@contextmanager
def datasette(program: str, file: Path) -> Iterator[str]:
    """Datasette over one SQLite file that nobody changes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    counts = file.with_name("counts.json")
    subprocess.run([program, "inspect", str(file), "--inspect-file", str(counts)], check=True)
    options = ["--inspect-file", str(counts), "--setting", "suggest_facets", "off", "-p", str(port)]
    process = subprocess.Popen(
        [program, "serve", "-i", str(file), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/versions.json", timeout=5).close()
                break
            if process.poll() is not None:
                raise SystemExit(f"{program} ended at once with {process.returncode}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def installed(folder: Path) -> str:
    """Datasette in an environment of its own, gone with the folder: its pins are not ours."""
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PEER], check=True)
    return str(folder / "bin" / "datasette")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasette", help="the program; else it is installed for the time of the run")
    parser.add_argument("--alone", action="store_true", help="measure paomo only")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = Home(folder / "home").make()
        grow(home, contracts=5000, quotes=20_000)
        publish_as_it_is(home)
        ((event_id,),) = ask.sql(home, "SELECT event_id FROM cancellations LIMIT 1").rows
        asked = works(str(event_id))
        with serving(home) as site:
            ours = {work.name: measure(site, work.ours, folder) for work in asked}
        theirs = {}
        if not options.alone:
            program = options.datasette or installed(folder / "datasette")
            export(home, folder / "out", ["sqlite"])
            with datasette(program, folder / "out" / "paomo.sqlite") as site:
                theirs = {work.name: measure(site, work.theirs, folder) for work in asked if work.theirs}
    tell(asked, ours, theirs)


def publish_as_it_is(home: Home) -> None:
    """A snapshot, as every reader of a ledger in use has it; the rows are made up, so nothing is checked."""
    snapshot = home.published / "paomo-20260101T000000.000000.duckdb"
    shutil.copyfile(home.warehouse, snapshot)
    (home.published / "CURRENT").write_text(snapshot.name + "\n", "utf-8")


def tell(asked: list[Work], ours: dict[str, Speed], theirs: dict[str, Speed]) -> None:
    """Print both side by side, and report the figures."""
    columns = f"{'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'kB':>6}"
    print(f"{'':<24} {'paomo':>33} | {'Datasette':>33} |")
    print(f"{'':<24} {columns} | {columns} | times as many")
    for work in asked:
        mine, other = ours[work.name], theirs.get(work.name)
        ratio = f"{mine.rate / other.rate:.1f}" if other and other.rate else ""
        print(f"{work.name:<24} {_line(mine)} | {_line(other) if other else ' ' * 33} | {ratio}")
        for stage, value, peer, unit, goal in (
            (work.name, mine.rate, other.rate if other else None, "requests/s", FAST),
            (f"{work.name}, 99 of 100 within", mine.most, other.most if other else None, "ms", SOON),
        ):
            report(
                Figure(
                    stage=f"serving: {stage}", value=value, unit=unit, peer="Datasette" if other else None,
                    peer_value=peer, goal=goal if work.goal else None, less_is_better=unit == "ms",
                )
            )  # fmt: skip


def _line(speed: Speed) -> str:
    wrong = f" {speed.wrong} WRONG" if speed.wrong else ""
    return f"{speed.rate:8.0f} {speed.half:8.1f} {speed.most:8.1f} {speed.size / 1000:6.0f}{wrong}"


if __name__ == "__main__":
    main()
