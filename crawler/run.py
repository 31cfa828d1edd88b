"""Running crawls: one subprocess each, because a Twisted reactor can't be started twice.

`crawl` is what the command line and the schedule call; `python -m crawler.run` is the subprocess, told its
job on stdin and answering in JSON Lines on stdout: `{"progress": …}` on the way, `{"report": …}` at the end.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from crawler.errand import Job
from crawler.errors import PaomoError, QueueError, SourceError
from crawler.source import Source, load_source, pick_sources

if TYPE_CHECKING:
    from crawler.shared.share import Share

LOG_LIMIT = 5_000_000
"""Bytes after which a source's log begins anew; the one before is kept."""


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """What came of one crawl of one source."""

    source: str
    outcome: str
    """ok, limited (the limit cut it short), failed, stopped (by a signal), busy (it runs already), died."""
    reason: str | None = None
    windows_done: int = 0
    windows_failed: int = 0
    windows_open: int = 0
    windows_split: int = 0
    promised: int = 0
    """Rows the listings promised, where they say so."""
    received: int = 0
    """Rows they gave."""
    rejected: int = 0
    """Rows that answer another question than was asked."""
    new: int = 0
    """Documents stored for the first time."""
    versions: int = 0
    """Documents stored again because they had changed at the same address."""
    skipped: int = 0
    """Documents the ledger knew."""
    unchanged: int = 0
    """Documents asked again that had not changed."""
    failed: int = 0
    """Documents that did not come; the next crawl tries them again."""
    gone: int = 0
    """Documents that are no longer there (404, 410)."""
    refused: int = 0
    """Documents that robots.txt or the address guard forbids."""
    deceived: int = 0
    """Answers that were not what was asked for."""
    retried: int = 0
    failures: tuple[tuple[str, str], ...] = ()
    """(address or window, reason) of the first of them."""
    planned: tuple[str, ...] = ()
    """What a dry run would fetch."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Everything counted, by its name in the ledger's incidents."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing is left to be tried again."""
        return self.outcome in ("ok", "limited", "busy")


@dataclass(frozen=True)
class CrawlReport:
    """What came of all of them, in the order asked."""

    sources: tuple[SourceReport, ...]

    @property
    def ok(self) -> bool:
        """Whether every source's crawl was."""
        return all(report.ok for report in self.sources)

    @property
    def new(self) -> int:
        """Documents stored, new versions included."""
        return sum(report.new + report.versions for report in self.sources)


Progress = Callable[[str, Mapping[str, int]], None]
"""Called with a source's name and its counts so far, from another thread."""


def crawl(
    sources: Sequence[str] = (),
    *,
    home: Path,
    since: date | None = None,
    until: date | None = None,
    keywords: Sequence[str] = (),
    stocks: Sequence[str] = (),
    limit: int | None = None,
    dry_run: bool = False,
    recheck: bool = False,
    base_urls: Mapping[str, str] | None = None,
    allow_private: bool = False,
    polite: Mapping[str, Any] | None = None,
    side_by_side: int = 3,
    queue: str | None = None,
    on_progress: Progress | None = None,
    on_report: Callable[[SourceReport], None] | None = None,
) -> CrawlReport:
    """Crawl sources (all scheduled ones when none is named) into a data folder.

    `base_urls` puts other addresses in the place of a source's own, `allow_private` lets these be in a
    private network, `polite` replaces fields of Politeness: for a stand-in publisher. `side_by_side` is how
    many sources are crawled at once. `queue` is the address of a Redis (redis://host:6379/0) through which
    several machines, each with a data folder of its own, share one crawl. `on_report` is called with each
    report as it comes, one at a time. Raises SourceError for an unknown source and QueueError for a queue
    that is not there, before anything is asked; whatever happens in a crawl stands in its report.
    """
    if since and until and since > until:
        raise SourceError(f"the crawl would begin on {since} and end before, on {until}; swap the two")
    chosen = pick_sources(sources, home / "sources")
    if queue is not None:
        _can_share(queue, chosen, limit=limit, dry_run=dry_run)
    job = Job(
        since=since,
        until=until,
        keywords=tuple(keywords),
        stocks=tuple(stocks),
        limit=limit,
        dry_run=dry_run,
        recheck=recheck,
    )
    orders = [
        _order(one, home, job, (base_urls or {}).get(one.name), allow_private, polite or {})
        | ({"queue": queue} if queue else {})
        for one in chosen
    ]
    one_by_one = threading.Lock()

    def make(order: Mapping[str, Any]) -> SourceReport:
        report = _subprocess(order, on_progress)
        if on_report is not None:
            with one_by_one:
                on_report(report)
        return report

    with ThreadPoolExecutor(max_workers=max(1, side_by_side)) as pool:
        return CrawlReport(tuple(pool.map(make, orders)))


def _can_share(queue: str, sources: Sequence[Source], *, limit: int | None, dry_run: bool) -> None:
    """Raises QueueError or SourceError where a crawl can't be shared, before a process is made for it."""
    from crawler.shared.share import connected

    if limit is not None or dry_run:
        raise SourceError("--limit and --dry-run count what one machine does; leave them out, or --queue")
    for source in sources:
        if not spider_class(source).shareable:
            raise SourceError(
                f"{source.name}: its files are joined on one machine; crawl it there, without --queue"
            )
    connected(queue).close()


def _order(
    source: Source, home: Path, job: Job, base: str | None, private: bool, polite: Mapping[str, Any]
) -> dict[str, Any]:
    changes = {**polite, **({"private": True} if private else {})}
    return {
        "source": str(source.path),
        "home": str(home.absolute()),
        "job": asdict(job),
        "base": base,
        "polite": changes,
    }


def _subprocess(order: Mapping[str, Any], on_progress: Progress | None) -> SourceReport:
    name = Path(order["source"]).stem
    parents = [str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    child = subprocess.Popen(
        [sys.executable, "-m", "crawler.run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(parents), "PYTHONIOENCODING": "utf-8"},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        with child.stdin as stdin:
            stdin.write(json.dumps(order, default=str))
        report = _listen(name, child.stdout, on_progress)
    code = child.returncode
    return report or SourceReport(
        source=name,
        outcome="died",
        reason=f"the crawl's process ended with code {code}; run it again: nothing stored is lost",
    )


def _listen(name: str, lines: IO[str], on_progress: Progress | None) -> SourceReport | None:
    report = None
    for line in lines:
        told = json.loads(line)
        if "progress" in told and on_progress is not None:
            on_progress(name, told["progress"])
        if "report" in told:
            given = told["report"]
            given["failures"] = tuple((where, why) for where, why in given["failures"])
            report = SourceReport(**given | {"planned": tuple(given["planned"])})
    return report


# the subprocess -----------------------------------------------------------------------------------------


def run(order: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]) -> SourceReport:
    """Make one crawl in this process."""
    source = load_source(Path(order["source"]))
    if order["base"]:
        source = source.moved(order["base"])
    source = source.with_politeness(**order["polite"])
    home = Path(order["home"])
    job = _job(order["job"])
    with only_one(home, source.name) as free:
        if not free:
            return SourceReport(source=source.name, outcome="busy", reason="another crawl of it is running")
        return _scrape(home, source, job, order, tell)


def _job(told: Mapping[str, Any]) -> Job:
    given = dict(told)
    for name in ("since", "until"):
        given[name] = date.fromisoformat(given[name]) if given[name] else None
    for name in ("keywords", "stocks"):
        given[name] = tuple(given[name])
    return Job(**given)


@contextmanager
def only_one(home: Path, name: str) -> Iterator[bool]:
    """Hold the source's lock, which the system lets go of however this process ends."""
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def spider_class(source: Source) -> Any:
    """The class named `Spider` in the source's module. Raises SourceError where there is none."""
    try:
        return importlib.import_module(f"crawler.spiders.{source.spider}").Spider
    except (ImportError, AttributeError) as error:
        raise SourceError(
            f"{source.path}: no spider {source.spider!r} in crawler/spiders: {error}"
        ) from error


def _scrape(
    home: Path, source: Source, job: Job, order: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]
) -> SourceReport:
    from scrapy.crawler import CrawlerProcess  # not before a reactor is wanted

    from crawler.archive import ROTATE
    from crawler.journal import Journal
    from crawler.settings import settings_for

    began = time.monotonic()
    spider_type = spider_class(source)
    rotate = order.get("rotate", ROTATE)
    share = _share(home, source, order)
    journal = Journal(home, source, job=dict(order["job"]), dry=job.dry_run, rotate=rotate, share=share)
    settings = settings_for(source, shared=share is not None)
    process = CrawlerProcess({**settings, "LOG_FILE": str(_log_file(home, source.name))})
    crawler = process.create_crawler(spider_type)
    stop = _every_half_second(lambda: tell({"progress": dict(journal.counts)}))
    process.crawl(crawler, journal=journal, job=job)
    process.start()
    stop.set()
    spider: Any = crawler.spider
    stats = crawler.stats.get_stats() if crawler.stats else {}
    finished = stats.get("finish_reason") == "finished" and journal.fault is None
    if spider is None:
        report = SourceReport(source=source.name, outcome="failed", reason="the spider did not start")
    else:
        finished = _conclude(spider, finished=finished)
        report = _report(spider, stats, finished=finished, seconds=time.monotonic() - began)
    journal.close(report.outcome, report.reason, asdict(report))
    return report


def _share(home: Path, source: Source, order: Mapping[str, Any]) -> Share | None:
    """This worker's part in a crawl on several machines; None: the order names no queue."""
    if not order.get("queue"):
        return None
    from crawler.journal import ledger_file
    from crawler.ledger import Ledger
    from crawler.shared.share import LEASE, Share, worker_of

    share = Share(order["queue"], source.name, worker_of(home), lease=order.get("lease", LEASE))
    ledger = Ledger(ledger_file(home))
    try:
        share.tell(ledger, source.name)
    finally:
        ledger.close()
    share.join()
    return share


def _conclude(spider: Any, *, finished: bool) -> bool:
    """Note how the windows stand; whether the crawl did finish, which a queue lost at the end denies."""
    try:
        spider.conclude(finished=finished)
    except QueueError as error:
        spider.journal.fault = str(error)
        spider.conclude(finished=False)
    return finished and spider.journal.fault is None


def _report(spider: Any, stats: Mapping[str, Any], *, finished: bool, seconds: float) -> SourceReport:
    counts: Counter[str] = spider.journal.counts
    tallies = list(spider.tallies.values())
    states = Counter(tally.state(finished=finished) for tally in tallies)
    broken = [(tally.question.key, tally.reason) for tally in tallies if tally.reason]
    cut = any(tally.cut for tally in tallies)
    reason = _fault(spider, stats, counts, states)
    if spider.journal.fault is not None:
        outcome, reason = "failed", spider.journal.fault
    else:
        outcome = "stopped" if not finished else "failed" if reason else "limited" if cut else "ok"
    return SourceReport(
        source=spider.source.name,
        outcome=outcome,
        reason=reason,
        windows_done=states["done"],
        windows_failed=states["failed"],
        windows_open=states["open"],
        windows_split=states["split"],
        promised=sum(tally.promised or 0 for tally in tallies if not tally.split),
        received=sum(tally.received for tally in tallies if not tally.split),
        rejected=sum(len(tally.rejected) for tally in tallies),
        new=counts["new"],
        versions=counts["new versions"],
        skipped=counts["known"],
        unchanged=counts["unchanged"] + counts["not modified"],
        failed=counts["failed"],
        gone=counts["gone"],
        refused=counts["refused"],
        deceived=sum(count for name, count in counts.items() if name.startswith("deceived ")),
        retried=counts["retried"],
        failures=tuple(broken[:50]) + tuple(spider.journal.failures),
        planned=tuple(spider.journal.planned),
        counts=dict(counts),
        seconds=round(seconds, 3),
    )


def _fault(spider: Any, stats: Mapping[str, Any], counts: Counter[str], states: Counter[str]) -> str | None:
    """Why the crawl as a whole did not do what it should; None: it did."""
    faults = []
    if states["failed"]:
        faults.append(f"{states['failed']} of {states.total()} windows failed")
    if counts["not asked"]:
        faults.append(f"{counts['not asked']} questions could not be asked; see the incidents of this crawl")
    if errors := sum(n for name, n in stats.items() if name.startswith("spider_exceptions/")):
        faults.append(f"{errors} errors in the spider; see its log")
    expected, rows = spider.source.expected, counts["rows"]
    if spider.job.usual and rows < expected.minimum and not counts["listings unchanged"]:
        faults.append(f"the listing showed {rows} rows, at least {expected.minimum} are usual")
    if expected.maximum is not None and rows > expected.maximum:
        spider.journal.incident("", "more than expected", f"{rows} rows, {expected.maximum} are usual")
    return "; ".join(faults) or None


def _log_file(home: Path, name: str) -> Path:
    path = home / "logs" / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


def _every_half_second(act: Callable[[], None]) -> threading.Event:
    """Call `act` from a thread of its own until the event is set."""
    stop = threading.Event()

    def turn() -> None:
        while not stop.wait(0.5):
            act()

    threading.Thread(target=turn, daemon=True).start()
    return stop


def main() -> int:
    """The subprocess: order in on stdin, report out on stdout."""
    order = json.loads(sys.stdin.read())
    told = threading.Lock()

    def tell(what: dict[str, Any]) -> None:
        with told:
            try:
                print(json.dumps(what, ensure_ascii=False, default=str), flush=True)
            except BrokenPipeError:  # who asked is gone; the crawl goes on
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123

    try:
        report = run(order, tell)
    except PaomoError as error:
        report = SourceReport(source=Path(order["source"]).stem, outcome="failed", reason=str(error))
    tell({"report": asdict(report)})
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
