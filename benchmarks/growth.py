"""How cost grows with the number of documents: time and memory from 1,000 to 1,000,000, and the exponent.

    python -m benchmarks.growth                    all stages, all sizes (three quarters of an hour)
    python -m benchmarks.growth --quick            small sizes, under a minute: that it works, no figure
    python -m benchmarks.growth --stage resolve    one stage and those it builds on

Each stage and size runs in a process of its own; what is made on the way is timed and taken off. Memory is
the most the process held, less what it held at the start. The exponent is the slope of a least-squares line
through the logarithms: 1 is linear, 2 a square; of time it is taken over the processor's seconds, and `last`
is the slope between the two largest sizes, where what is constant no longer hides what is not. Documents have
one kilobyte, one in twenty is on the topic; those that are loaded tell one event each and one in ten is a
copy.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from benchmarks import made
from benchmarks.figure import Figure, report
from crawler.document import Document
from nlp.event import Event
from warehouse.home import Home

SIZES = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (100, 400)
PATIENCE = 2400
"""Seconds until a stage at one size is given up; what builds on it fails then, too."""
LINEAR = 1.1
"""An exponent up to this is linear: the logarithm in a sort over three decades alone is 0.07."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one stage took for so many documents."""

    stage: str
    documents: int
    seconds: float
    busy: float
    """Seconds of the processor, all threads together."""
    megabytes: float
    """Memory at most, less what was held at the start."""
    stored: int = 0
    """Bytes on disk that the stage left behind; 0 where it leaves none."""


class Clock:
    """Time and memory of what runs inside, less what `apart` spent."""

    def __init__(self) -> None:
        self.seconds = self.busy = self.megabytes = 0.0

    def __enter__(self) -> Clock:
        self._held = memory("VmRSS")
        self._begun, self._begun_busy = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun
        self.busy += time.process_time() - self._begun_busy
        self.megabytes = max(memory("VmHWM") - self._held, 0.0)

    def apart(self, items: Iterable[Item], *, hidden: bool = False) -> Iterator[Item]:
        """The items; the making of each is not counted. `hidden`: another thread works meanwhile, so that by
        the clock it costs nothing and only the processor's seconds are taken off."""
        stream = iter(items)
        while True:
            begun, busy = time.perf_counter(), time.thread_time()
            item = next(stream, None)
            self.seconds -= 0.0 if hidden else time.perf_counter() - begun
            self.busy -= time.thread_time() - busy
            if item is None:
                return
            yield item


def memory(field: str) -> float:
    """Megabytes this process holds (VmRSS) or held at most (VmHWM, since it was started)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {field}: this benchmark needs Linux")


# the stages: each takes a number of documents and a folder that lasts from stage to stage ----------------


def archive(count: int, root: Path, clock: Clock) -> int:
    """Captures into WARC and ledger, committed as a crawl does it."""
    from crawler.archive import Archive
    from crawler.ledger import Ledger

    ledger = Ledger(root / "ledger.sqlite")
    keeper = Archive(root, ledger, "growth")
    with clock:
        for url, body in clock.apart(pages(count)):
            moment = datetime.now(UTC)
            metadata = {"url": url, "role": "document", "status": 200, "fetched": moment.isoformat()}
            headers = [("Content-Type", "text/html; charset=utf-8")]
            placed = keeper.keep(url, body=body, metadata=metadata, headers=headers, fetched_at=moment)
            ledger.capture("growth", url, "document", 200, placed, None, moment.isoformat(), 1)
            if ledger.full:
                keeper.flush()
        keeper.close()
    ledger.close()
    return size(root)


def archive_peer(count: int, root: Path, clock: Clock) -> int:
    """warcio's writer: the same two records a page, into one file without a ledger."""
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with clock, (root / "peer.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, body in clock.apart(pages(count)):
            headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            facts = BytesIO(json.dumps({"url": url, "role": "document", "status": 200}).encode())
            for kind, payload, http in (("response", BytesIO(body), headers), ("metadata", facts, None)):
                record = writer.create_warc_record(url, kind, payload=payload, http_headers=http)
                writer.write_record(record)
    return 0


def replay(count: int, root: Path, clock: Clock) -> int:
    """Captures out of the archive again, each held against its digest, as `paomo load` takes them."""
    from crawler.archive import documents

    with clock:
        for _ in documents(root):
            pass
    return 0


def replay_peer(count: int, root: Path, clock: Clock) -> int:
    """warcio's reader over the same files, no digest looked at."""
    from warcio.archiveiterator import ArchiveIterator

    with clock:
        for file in sorted((root / "archive").glob("*.warc.gz")):
            with file.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    record.content_stream().read()
    return 0


def reading(count: int, root: Path, clock: Clock) -> int:
    """HTML to text of record."""
    from crawler.reading.html import read_html

    read_html(made.page(0, count))
    with clock:
        for url, body in clock.apart(pages(count)):
            read_html(body, url=url)
    return 0


def reading_peer(count: int, root: Path, clock: Clock) -> int:
    """trafilatura with its defaults."""
    from trafilatura import extract

    extract(made.page(0, count))
    with clock:
        for _, body in clock.apart(pages(count)):
            extract(body)
    return 0


def extraction(count: int, root: Path, clock: Clock) -> int:
    """Batches of documents to batches of events, in this process."""
    from nlp.batches import batch_of, extract_batches

    starts = range(0, count, 128)
    stream = (batch_of([made.document(n, count) for n in range(k, min(k + 128, count))]) for k in starts)
    for _ in extract_batches([batch_of([made.document(n, 1000, on_topic=1) for n in range(100)])]):
        pass
    with clock:
        for _ in extract_batches(clock.apart(stream)):
            pass
    return 0


def load(count: int, root: Path, clock: Clock, *, batch: int | None = None) -> int:
    """Documents and one event of each into a new warehouse, batches as `paomo load` makes them."""
    from warehouse.load import load as load_into
    from warehouse.store import locked, writing

    home = Home(root / "home").make()

    def told(document: Document) -> list[Event]:
        return next(clock.apart(iter([made.mentions(document, count)]), hidden=True))

    documents = clock.apart((made.document(n, count, on_topic=1) for n in range(count)), hidden=True)
    with locked(home), writing(home) as connection, clock:
        load_into(
            connection,
            documents,
            source="growth",
            version="g1",
            extract=told,
            jobs=1,
            batch=batch,
        )
    return home.warehouse.stat().st_size


def bulk(count: int, root: Path, clock: Clock) -> int:
    """The same in fifty transactions however many documents there are: what the next stages build on."""
    return load(count, root, clock, batch=max(128, count // 50))


def resolve(count: int, root: Path, clock: Clock) -> int:
    """Copies found, mentions joined to contracts, prices and projects, from the beginning."""
    from warehouse.resolve import resolve as resolve_in
    from warehouse.store import locked, writing

    home = Home(root / "home")
    with locked(home), writing(home) as connection, clock:
        resolve_in(connection)
    return home.warehouse.stat().st_size


def publish(count: int, root: Path, clock: Clock) -> int:
    """A checked snapshot."""
    from warehouse.publish import publish as publish_from
    from warehouse.store import locked

    home = Home(root / "home")
    with locked(home), clock:
        publish_from(home)
    return 0


def views(count: int, root: Path, clock: Clock) -> int:
    """Every view of the panel, all of its rows."""
    from warehouse.publish import readable
    from warehouse.store import closing, connect

    with closing(connect(readable(Home(root / "home")), read_only=True)) as connection:
        found = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        with clock:
            for (name,) in found:
                if not name.startswith("stage_"):
                    connection.execute(f'CREATE OR REPLACE TEMP TABLE answer AS FROM "{name}"')
    return 0


def pages(count: int) -> Iterator[tuple[str, bytes]]:
    """(address, page): 500 different ones with a number of their own put in."""
    stock = [made.page(n, 500) for n in range(min(count, 500))]
    for n in range(count):
        yield (
            f"http://news.example/{n}.html",
            stock[n % 500].replace(b"</article>", b"<p>%d</p></article>" % n),
        )


def size(root: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_size for file in root.rglob("*") if file.is_file())


Work = Callable[[int, Path, Clock], int]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step from bytes to answers."""

    work: Work
    after: tuple[str, ...] = ()
    """Stages whose outcome it needs, in their order; they share its folder."""
    peer: tuple[str, Work] | None = None


CHAIN = ("bulk load", "resolve", "publish")
STAGES: dict[str, Stage] = {
    "archive": Stage(archive, peer=("warcio's writer without a ledger", archive_peer)),
    "replay": Stage(replay, after=("archive",), peer=("warcio's reader, no digest checked", replay_peer)),
    "reading": Stage(reading, peer=("trafilatura", reading_peer)),
    "extraction": Stage(extraction),
    "load": Stage(load),
    "bulk load": Stage(bulk),
    "resolve": Stage(resolve, after=CHAIN[:1]),
    "publish": Stage(publish, after=CHAIN[:2]),
    "views": Stage(views, after=CHAIN),
}


# running and printing ------------------------------------------------------------------------------------


def one(name: str, count: int, root: Path) -> Cost:
    """One stage (or its peer, `name-peer`) in this process."""
    stage, _, beside = name.partition("-")
    found = STAGES[stage]
    work = found.peer[1] if beside and found.peer else found.work
    clock = Clock()
    stored = work(count, root, clock)
    return Cost(name, count, clock.seconds, clock.busy, clock.megabytes, stored)


def apart(name: str, count: int, root: Path) -> Cost | None:
    """The same in a process of its own; None, and a line that says so, where it fails or takes PATIENCE."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", name, str(count), str(root)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        print(f"{name:<16}{count:>10,}   left out: not done after {PATIENCE / 60:.0f} minutes", flush=True)
        return None
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"])[-1]
        print(f"{name:<16}{count:>10,}   failed: {why}", flush=True)
        return None
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the least-squares line through the logarithms; nan for fewer than two points."""
    logs = [(math.log(n), math.log(value)) for n, value in points if value > 0]
    if len(logs) < 2:
        return math.nan
    mean_n, mean_value = (sum(column) / len(logs) for column in zip(*logs, strict=True))
    above = sum((n - mean_n) * (value - mean_value) for n, value in logs)
    return float(above / sum((n - mean_n) ** 2 for n, _ in logs))


def measured(names: Sequence[str], sizes: Sequence[int]) -> dict[str, list[Cost]]:
    """Every stage at every size it is measured at, peers at the second size."""
    costs: dict[str, list[Cost]] = {}
    wanted = [name for name in STAGES if any(name in (asked, *STAGES[asked].after) for asked in names)]
    for count in sizes:
        root = Path(tempfile.mkdtemp(prefix="paomo-growth-"))
        try:
            for name in wanted:
                todo = [name]
                if STAGES[name].peer and count == sizes[1]:
                    todo.append(f"{name}-peer")
                for each in todo:
                    folder = root / (STAGES[name].after or (each,))[0]
                    folder.mkdir(exist_ok=True)
                    if cost := apart(each, count, folder):
                        costs.setdefault(each, []).append(show(cost))
        finally:
            shutil.rmtree(root, ignore_errors=True)
    return costs


def show(cost: Cost) -> Cost:
    """Print one line of the table."""
    rate = cost.documents / cost.seconds if cost.seconds > 0 else math.inf
    disk = f"{cost.stored / cost.documents:9,.0f}" if cost.stored else f"{'':9}"
    print(
        f"{cost.stage:<16}{cost.documents:>10,}{cost.seconds:>9.2f}{cost.busy:>9.2f}{rate:>12,.0f}"
        f"{cost.megabytes:>9,.0f}{disk}",
        flush=True,
    )
    return cost


def exponents(costs: Sequence[Cost]) -> tuple[float, float, float]:
    """(of time, of time between the two largest sizes, of memory)."""
    times = [(c.documents, c.busy) for c in costs]
    return slope(times), slope(times[-2:]), slope([(c.documents, max(c.megabytes, 1.0)) for c in costs])


def verdict(name: str, costs: Sequence[Cost]) -> str:
    """One line: how the stage grows, and whether that is worse than linear."""
    whole, last, held = exponents(costs)
    worse = [what for what, value in (("time", max(whole, last)), ("memory", held)) if value > LINEAR]
    said = f"grows faster than linearly: {' and '.join(worse)}" if worse else "linear or better"
    return f"{name:<16}{whole:>8.2f}{last:>8.2f}{held:>8.2f}   {said}"


def tell(name: str, costs: Sequence[Cost], beside: Cost | None) -> None:
    """Report a stage's figures to whoever collects them."""
    whole, last, held = exponents(costs)
    top, peer = costs[-1], STAGES[name].peer
    at = f"up to {top.documents:,} documents"
    stage = f"growth: {name}"
    for what, value in (("time", whole), ("time, last step", last), ("memory", held)):
        report(Figure(stage=f"{stage}, {what}", value=round(value, 3), unit="exponent", goal=LINEAR,
                      less_is_better=True, note=at))  # fmt: skip
    rate = top.documents / top.seconds
    report(Figure(stage=f"{stage}, rate", value=rate, unit="documents/s", note=f"at {top.documents:,}",
                  listed=False))  # fmt: skip
    report(Figure(stage=f"{stage}, most memory", value=top.megabytes, unit="MB", less_is_better=True,
                  note=f"at {top.documents:,}", listed=False))  # fmt: skip
    if top.stored:
        report(Figure(stage=f"{stage}, disk", value=top.stored / top.documents, unit="bytes/document",
                      less_is_better=True, note=f"at {top.documents:,}", listed=False))  # fmt: skip
    if beside and peer:
        same = next(c for c in costs if c.documents == beside.documents)
        report(
            Figure(
                stage=f"{stage}, beside its peer",
                value=same.documents / same.busy,
                unit="documents a CPU second",
                peer=peer[0],
                peer_value=beside.documents / beside.busy,
                note=f"at {same.documents:,}",
            )
        )


def main() -> int:
    """Measure and print; 1 where a stage failed at a size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: that it works, no figure")
    parser.add_argument("--stage", choices=STAGES, action="append", help="only this one (again for more)")
    parser.add_argument("--sizes", type=int, nargs="+", help="other numbers of documents, at least two")
    parser.add_argument("--one", nargs=3, metavar=("STAGE", "DOCUMENTS", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        name, count, root = asked.one
        print(json.dumps(asdict(one(name, int(count), Path(root)))))
        return 0
    sizes = sorted(asked.sizes or (QUICK if asked.quick else SIZES))
    if len(sizes) < 2:
        parser.error("an exponent needs at least two sizes")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the start\n")
    print(f"{'stage':<16}{'documents':>10}{'seconds':>9}{'CPU s':>9}{'documents/s':>12}{'MB':>9}{'B/doc':>9}")
    names = asked.stage or list(STAGES)
    costs = measured(names, sizes)
    print(f"\n{'exponents':<16}{'time':>8}{'last':>8}{'memory':>8}")
    for name in STAGES:
        if name in costs and len(costs[name]) > 1:
            beside = costs.get(f"{name}-peer", [None])[0]
            print(verdict(name, costs[name]))
            tell(name, costs[name], beside)
    print(
        "\n1 is linear, 2 a square; `last`: between the two largest sizes. MB of less than one count as one."
    )
    return 1 if any(len(costs.get(name, ())) < len(sizes) for name in names) else 0


if __name__ == "__main__":
    sys.exit(main())
