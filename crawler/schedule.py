"""When each source is due: `tick` for cron and systemd, `serve` with APScheduler, `status` for people.

A source's cron expression is in its .yml, in Shanghai time. A missed run is made up once, however many were
missed. One subprocess a crawl; no source runs twice at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Lock
from time import sleep
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from croniter import croniter

from crawler.journal import ledger_file
from crawler.ledger import Ledger
from crawler.run import CrawlReport, SourceReport, crawl
from crawler.source import SHANGHAI, Refuse, Source, pick_sources

PATIENCE = 3
"""A source silent for this many of its usual intervals is stale."""
HABIT = 5
"""Crawls with news a source must have had before it has a habit."""
SIDE_BY_SIDE = 3
"""Sources that `serve` crawls at once."""
DAYS = 14
"""Days that `documents a day` is taken over."""

Loaded = Callable[[SourceReport], None]
"""Called after each crawl that stored something, to load it into the warehouse."""


def next_run(source: Source, after: datetime) -> datetime:
    """First moment after `after` at which the source is due; in Shanghai's zone."""
    found: datetime = croniter(source.cron, after.astimezone(SHANGHAI)).get_next(datetime)
    return found


def is_due(source: Source, last_started: datetime | None, now: datetime) -> bool:
    """Whether a moment has passed since the last crawl began; a source never crawled is due."""
    return last_started is None or next_run(source, last_started) <= now


def due(home: Path, names: Sequence[str] = (), *, now: datetime | None = None) -> list[Source]:
    """Sources that are due."""
    moment = now or datetime.now(UTC)
    started = _last_started(home)
    return [s for s in pick_sources(names, home / "sources") if is_due(s, started.get(s.name), moment)]


@dataclass(frozen=True, kw_only=True)
class Due:
    """When one source is due; moments in Shanghai's zone."""

    source: str
    cron: str
    last: datetime | None
    """Beginning of its last crawl. None: never crawled."""
    next: datetime
    """Now, where it is due already."""


def upcoming(home: Path, names: Sequence[str] = (), *, now: datetime | None = None) -> list[Due]:
    """Every source's next run, the soonest first."""
    moment = (now or datetime.now(UTC)).astimezone(SHANGHAI)
    started = _last_started(home)
    plan = []
    for source in pick_sources(names, home / "sources"):
        last = started.get(source.name)
        later = moment if is_due(source, last, moment) else next_run(source, moment)
        begun = last.astimezone(SHANGHAI) if last else None
        plan.append(Due(source=source.name, cron=source.cron, last=begun, next=later))
    return sorted(plan, key=lambda one: (one.next, one.source))


def tick(
    home: Path,
    names: Sequence[str] = (),
    *,
    loaded: Loaded | None = None,
    now: datetime | None = None,
    **how: Any,
) -> CrawlReport:
    """Crawl what is due, once. Where another tick is at it, the report has one entry that says so.

    `how` goes to `crawler.run.crawl`.
    """
    with _alone(home) as free:
        if not free:
            return CrawlReport((SourceReport(source="tick", outcome="busy", reason="another tick runs"),))
        sources = due(home, names, now=now)
        if not sources:
            return CrawlReport(())
        return crawl([s.name for s in sources], home=home, on_report=_after(loaded), **how)


def _after(loaded: Loaded | None) -> Loaded:
    def act(report: SourceReport) -> None:
        if loaded is not None and report.new + report.versions:
            loaded(report)

    return act


@contextmanager
def _alone(home: Path) -> Iterator[bool]:
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tick.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


class Cron(BaseTrigger):  # type: ignore[misc]
    """A source's cron expression for APScheduler, whose own counts the days of the week from Monday."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """First moment after the later of the two."""
        return next_run(self._source, max(previous_fire_time or now, now))


def serve(
    home: Path,
    names: Sequence[str] = (),
    *,
    loaded: Loaded | None = None,
    reported: Callable[[SourceReport], None] | None = None,
    **how: Any,
) -> None:
    """Crawl each source when it is due, until the process is told to stop; what is overdue comes first.

    `reported`, then `loaded`, are called after each crawl, never two at a time, in threads of their own.
    """
    clock = BackgroundScheduler(timezone=SHANGHAI, executors={"default": ThreadPoolExecutor(SIDE_BY_SIDE)})
    one_by_one = Lock()

    def tell(report: SourceReport) -> None:
        with one_by_one:
            if reported is not None:
                reported(report)
            _after(loaded)(report)

    def run_one(name: str) -> None:
        crawl([name], home=home, on_report=tell, **how)

    overdue = {source.name for source in due(home, names)}
    for source in pick_sources(names, home / "sources"):
        clock.add_job(
            run_one,
            Cron(source),
            args=[source.name],
            id=source.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            **({"next_run_time": datetime.now(SHANGHAI)} if source.name in overdue else {}),
        )
    clock.start()
    try:
        while True:  # the kernel may give Ctrl-C to another thread; it is looked at between two sleeps
            sleep(1)
    finally:
        clock.shutdown(wait=False)


# how it goes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SourceStatus:
    """How one source does; moments are in UTC."""

    source: str
    title: str
    state: str
    """ok, running, never (not crawled yet), failed (its last crawl did), late (no crawl succeeded when it
    should have), silent (crawls succeed and bring nothing new, for longer than it is its habit)."""
    last_success: datetime | None
    last_news: datetime | None
    """Beginning of the last crawl that stored a document."""
    next_run: datetime
    """Now, where it is due already: a source never crawled is."""
    documents: int
    """Documents in the archive, versions counted."""
    documents_a_day: float
    """Over the last 14 days, or since the first crawl if that is later."""
    usual_interval: timedelta | None
    """Median time between crawls with news. None: too few to have a habit."""
    waiting: int
    """Documents that did not come and are tried again."""
    reason: str | None
    """Why it is not ok."""

    @property
    def stale(self) -> bool:
        """Whether somebody should look: it is late, or silent."""
        return self.state in ("late", "silent")


def status(
    home: Path, names: Sequence[str] = (), *, now: datetime | None = None, refuse: Refuse | None = None
) -> list[SourceStatus]:
    """Every source's state, from the ledger; sources never crawled are shown, and are not stale.

    `refuse` is told of a source's file that is wrong; without it SourceError is raised.
    """
    moment = now or datetime.now(UTC)
    sources = pick_sources(names, home / "sources", refuse=refuse)
    if not ledger_file(home).exists():
        return [_status(source, [], (0, 0, 0), moment) for source in sources]
    ledger = Ledger(ledger_file(home), readonly=True)
    try:
        return [
            _status(source, _crawls(ledger, source.name), _counts(ledger, source.name, moment), moment)
            for source in sources
        ]
    finally:
        ledger.close()


@dataclass(frozen=True)
class _Crawl:
    pid: int
    started: datetime
    finished: datetime | None
    outcome: str | None
    reason: str | None
    report: Mapping[str, Any]

    @property
    def good(self) -> bool:
        return self.outcome in ("ok", "limited")

    @property
    def news(self) -> int:
        return int(self.report.get("new", 0)) + int(self.report.get("versions", 0))

    @property
    def runs(self) -> bool:
        return self.finished is None and _lives(self.pid)

    @property
    def why(self) -> str:
        """Why it is not good: what it said, and the first failure it had."""
        if self.finished is None:
            return "it runs" if self.runs else "its last crawl was killed; the next one goes on where it was"
        first = [f"{where}: {reason}" for where, reason in self.report.get("failures", ())[:1]]
        return ": ".join([self.reason or f"its last crawl ended as {self.outcome}", *first])


def _crawls(ledger: Ledger, name: str) -> list[_Crawl]:
    rows = ledger.rows(
        "select pid, started, finished, outcome, reason, report from crawls where source=? order by id desc"
        " limit 500",
        name,
    )
    return [
        _Crawl(
            pid, _moment(start), _moment(end) if end else None, outcome, reason, json.loads(report or "{}")
        )
        for pid, start, end, outcome, reason, report in reversed(rows)
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _counts(ledger: Ledger, name: str, now: datetime) -> tuple[int, int, int]:
    """(documents, documents of the last days, documents waiting)."""
    since = (now - timedelta(days=DAYS)).isoformat()
    (found,) = ledger.rows(
        "select (select count(*) from captures where source=?1 and role='document'),"
        " (select count(*) from captures where source=?1 and role='document' and fetched >= ?2),"
        " (select count(*) from urls where source=?1 and state in ('failed', 'wanted'))",
        name,
        since,
    )
    return int(found[0]), int(found[1]), int(found[2])


def _status(
    source: Source, crawls: list[_Crawl], counts: tuple[int, int, int], now: datetime
) -> SourceStatus:
    good = [one for one in crawls if one.good]
    news = [one.started for one in crawls if one.news]
    gaps = [later - earlier for earlier, later in pairwise(news)]
    usual = sorted(gaps)[len(gaps) // 2] if len(news) >= HABIT else None
    first = crawls[0].started if crawls else now
    days = min(float(DAYS), max(1.0, (now - first) / timedelta(days=1)))
    state, reason = _state(source, crawls, news, usual, now)
    # a crawl that was killed counts as not begun, as in `_last_started`
    begun = next((one.started for one in reversed(crawls) if one.finished or one.runs), None)
    return SourceStatus(
        source=source.name,
        title=source.title,
        state=state,
        last_success=good[-1].finished if good else None,
        last_news=news[-1] if news else None,
        next_run=(now if is_due(source, begun, now) else next_run(source, now)).astimezone(UTC),
        documents=counts[0],
        documents_a_day=round(counts[1] / days, 2),
        usual_interval=usual,
        waiting=counts[2],
        reason=reason,
    )


def _state(
    source: Source, crawls: list[_Crawl], news: list[datetime], usual: timedelta | None, now: datetime
) -> tuple[str, str | None]:
    """(state, why it is not ok); the graver wins."""
    if not crawls:
        return "never", "never crawled"
    last, step = crawls[-1], _step(source, now)
    why = None if last.good else last.why
    good = [one for one in crawls if one.good]
    since = good[-1].started if good else crawls[0].started
    if now - since > PATIENCE * step:
        return "late", f"no crawl succeeded since {since:%Y-%m-%d %H:%M} UTC" + (f": {why}" if why else "")
    if usual is not None and now - news[-1] > PATIENCE * max(usual, step):
        return "silent", f"nothing new since {news[-1]:%Y-%m-%d %H:%M} UTC; usually every {_span(usual)}"
    if last.runs:
        return "running", why
    return ("ok", None) if last.good else ("failed", why)


def _step(source: Source, now: datetime) -> timedelta:
    """The longest time between two runs of the next two weeks' plan (a night's pause is part of it)."""
    plan = [next_run(source, now)]
    while plan[-1] - plan[0] < timedelta(days=2) and len(plan) < 300:
        plan.append(next_run(source, plan[-1]))
    return max(later - earlier for earlier, later in pairwise(plan))


def _span(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"


def _last_started(home: Path) -> dict[str, datetime]:
    if not ledger_file(home).exists():
        return {}
    ledger = Ledger(ledger_file(home), readonly=True)
    try:
        rows = ledger.rows("select source, started, finished, pid from crawls order by id")
    finally:
        ledger.close()
    # a crawl that was killed counts as not begun: it is made up at the next chance
    return {
        name: _moment(started) for name, started, finished, pid in rows if finished is not None or _lives(pid)
    }


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
